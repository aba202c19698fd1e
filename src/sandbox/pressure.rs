//! The switches of the box that make it as strict as Discord is, and further faults of its two doors.
//!
//! They are off at first, so that stories about other things are fast and do not fail on a slow machine.

use std::time::Duration;

use super::Sandbox;

impl Sandbox {
    /// Fault: closes every gateway socket with this code. A session that Discord would not resume after it is
    /// over: 4004, 4007, 4009 and 4010 to 4014.
    pub fn closes_sockets(&self, code: u16) {
        let final_code = matches!(code, 4004 | 4007 | 4009 | 4010..=4014);
        self.town.change(|world| {
            world.faults.drops += 1;
            world.faults.close_code = Some(code);
            for session in world.sessions.iter_mut().filter(|session| session.connection.is_some()) {
                session.resumable &= !final_code;
            }
        });
    }

    /// Insists, until told otherwise, that bots send heartbeats: by the box's clock, a connection without one for
    /// one and a half intervals is closed (4009) and its session over.
    pub fn insists_on_heartbeats(&self, insists: bool) {
        self.town.change(|world| world.faults.insist_on_heartbeats = insists);
    }

    /// Forgets sessions that have been without a connection for longer than this, by the box's clock; `None`
    /// keeps them for ever, as at first.
    pub fn forgets_sessions_after(&self, life: Option<Duration>) {
        let life = life.map(|life| u64::try_from(life.as_millis()).unwrap_or(u64::MAX));
        self.town.change(|world| world.faults.session_life_ms = life);
    }

    /// Allows this many session starts a day. One more resets the token, ends all sessions and closes with 4004.
    pub fn allows_session_starts(&self, total: u64) {
        self.town.change(|world| world.starts.total = total);
    }

    /// Demands, until told otherwise, five seconds by the box's clock between the starts of shards whose numbers
    /// are equal modulo `concurrency`; who is faster is told that their session is invalid (op 9).
    pub fn paces_session_starts(&self, concurrency: Option<u64>) {
        self.town.change(|world| {
            world.starts.paced = concurrency.is_some();
            world.starts.concurrency = concurrency.unwrap_or(16).max(1);
        });
    }

    /// Recommends this many shards.
    pub fn recommends_shards(&self, count: u64) {
        self.town.change(|world| world.starts.shards = count);
    }

    /// Allows this many REST calls a second over all routes, 50 at Discord; answers to interactions are not counted.
    /// `None` sets no limit, as at first.
    pub fn limits_globally(&self, calls: Option<u64>) {
        self.town.change(|world| world.faults.global_limit = calls);
    }

    /// Lets, until told otherwise, a session ask for all members of a guild once in thirty seconds by the box's
    /// clock; who is faster is sent `RATE_LIMITED`.
    pub fn limits_member_requests(&self, limits: bool) {
        self.town.change(|world| world.faults.limit_member_requests = limits);
    }

    /// Shows, until told otherwise, channels that the bot may not see with all that they are, as Discord did before
    /// it hid them; their messages stay unseen.
    pub fn shows_hidden_channels_in_full(&self, shows: bool) {
        self.town.change(|world| world.faults.hidden_in_full = shows);
    }
}
