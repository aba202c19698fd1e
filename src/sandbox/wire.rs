//! How frames are put on a web socket: as text, as compressed payloads, or as one compressed stream.

use axum::extract::ws::Message;
use flate2::{Compress, Compression, FlushCompress};

/// Payloads from this many bytes on are compressed where IDENTIFY asks for it.
const LARGE: usize = 1_024;

/// The transport of one connection.
pub(crate) enum Wire {
    /// Text.
    Plain,
    /// Text, but large payloads each as a zlib stream of its own (`compress` in IDENTIFY).
    Payloads,
    /// Everything in one zlib stream that is flushed after each frame (`compress=zlib-stream` in the address).
    Stream(Compress),
}

impl Wire {
    /// The transport that an address asks for.
    pub(crate) fn of_query(query: &str) -> Self {
        if query.split('&').any(|part| part == "compress=zlib-stream") {
            Self::Stream(Compress::new(Compression::default(), true))
        } else {
            Self::Plain
        }
    }

    /// Compresses payloads from now on, as IDENTIFY may ask; a stream is compressed already.
    pub(crate) fn compress_payloads(&mut self) {
        if matches!(self, Self::Plain) {
            *self = Self::Payloads;
        }
    }

    /// A frame as it is sent.
    pub(crate) fn message(&mut self, frame: String) -> Message {
        match self {
            Self::Payloads if frame.len() >= LARGE => {
                let mut own = Compress::new(Compression::default(), true);
                Message::Binary(compressed(&mut own, frame.as_bytes(), FlushCompress::Finish).into())
            }
            Self::Stream(stream) => {
                Message::Binary(compressed(stream, frame.as_bytes(), FlushCompress::Sync).into())
            }
            Self::Plain | Self::Payloads => Message::Text(frame.into()),
        }
    }
}

fn compressed(stream: &mut Compress, bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let before = stream.total_in();
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let read = usize::try_from(stream.total_in() - before).unwrap_or(bytes.len());
        // Compressing has no way to fail but a full buffer, which the next round has room for.
        let _ = stream.compress_vec(&bytes[read..], &mut out, flush);
        let all_read = stream.total_in() - before == bytes.len() as u64;
        if all_read && out.len() < out.capacity() {
            return out;
        }
        out.reserve(bytes.len() + 64);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    fn bytes(message: Message) -> Vec<u8> {
        let Message::Binary(bytes) = message else { panic!("it is not compressed") };
        bytes.to_vec()
    }

    proptest! {
        #[test]
        fn frames_of_a_stream_are_read_one_after_the_other(frames in prop::collection::vec(".{0,3000}", 1..6)) {
            let mut wire = Wire::of_query("v=10&compress=zlib-stream");
            let mut reading = flate2::Decompress::new(true);
            for frame in frames {
                let sent = bytes(wire.message(frame.clone()));
                prop_assert!(sent.ends_with(&[0, 0, 0xff, 0xff]), "clients look for the end of a flush");
                let mut read = Vec::with_capacity(16_384);
                reading.decompress_vec(&sent, &mut read, flate2::FlushDecompress::Sync).unwrap();
                prop_assert_eq!(read, frame.as_bytes());
            }
        }
    }

    #[test]
    fn large_payloads_are_compressed_each_by_itself_and_small_ones_are_not() {
        let mut wire = Wire::of_query("v=10");
        let large = "x".repeat(LARGE);
        assert_eq!(wire.message(large.clone()), Message::Text(large.clone().into()));
        wire.compress_payloads();
        for _ in 0..2 {
            let mut read = String::new();
            let sent = bytes(wire.message(large.clone()));
            flate2::read::ZlibDecoder::new(&*sent).read_to_string(&mut read).unwrap();
            assert_eq!(read, large);
        }
        assert_eq!(wire.message("{}".to_owned()), Message::Text("{}".into()));
    }
}
