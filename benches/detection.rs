//! What scanning costs at the shipped rules: clean short and long texts, a flagged one, one after earlier lines, and a
//! hostile text of 4,000 characters.

use std::hint::black_box;

use chaperone::detection::{Ruleset, scan};
use chaperone::domain::{Circumstances, EarlierLine, MessageId, MessageText, Standing, Timestamp};
use chaperone::patterns;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SHORT: &str = "has anybody finished the titration lab? the last part is weird";
const LINE: &str =
    "The bus leaves at a quarter to nine, bring a lunch, a jacket and the signed form from last week. ";
const FLAGGED: &str = "honestly you are such a p a t h e t i c l0ser, nobody likes you";
/// Words that wake rules up, single letters that spell others, and marks that could hide letters.
const HOSTILE: &str =
    "you are s t u p i d y0u 4r3 st*pid your k.y.s not kill nobody would he said ур ѕо 'you '";

fn scanning(criterion: &mut Criterion) {
    let ruleset = patterns::load(None).expect("the built-in rules compile");
    let circumstances = Circumstances::between(Standing::Student, Standing::Student);
    let after_a_line = Circumstances {
        earlier: vec![EarlierLine {
            message: MessageId::default(),
            text: MessageText::from(SHORT),
            sent_at: Timestamp::from_millis(0),
        }],
        ..circumstances.clone()
    };
    let cases = [
        ("clean short", SHORT.to_owned(), &circumstances),
        ("clean short after an earlier line", SHORT.to_owned(), &after_a_line),
        ("clean long", LINE.repeat(20), &circumstances),
        ("flagged", FLAGGED.to_owned(), &circumstances),
        ("clean of 4,000 characters", LINE.chars().cycle().take(4_000).collect(), &circumstances),
        ("hostile of 4,000 characters", HOSTILE.chars().cycle().take(4_000).collect(), &circumstances),
    ];
    let mut group = criterion.benchmark_group("scan");
    for (name, text, circumstances) in cases {
        let text = MessageText::new(text);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(scan(&ruleset, black_box(&text), circumstances)));
        });
    }
    group.finish();
}

fn compiling(criterion: &mut Criterion) {
    let files = patterns::built_in();
    criterion.bench_function("compile the built-in rules", |bencher| {
        bencher.iter(|| black_box(Ruleset::compile(black_box(&files))));
    });
}

criterion_group!(benches, scanning, compiling);
criterion_main!(benches);
