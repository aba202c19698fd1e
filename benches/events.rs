//! What an event costs: CPU per unflagged message through the whole bot, beside transport, decoding and scanning
//! measured apart; and how many flagged messages become committed incidents in a second.
//!
//! The sandbox Discord runs in a process of its own, so that its work is not counted. Each round measures all parts one
//! after the other; the table shows medians over the rounds, and ratios from the same rounds.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chaperone::cli::{Parts, SystemClock, SystemIds, start_bot};
use chaperone::config::{Config, Discord};
use chaperone::detection::scan;
use chaperone::discord::convert::{Incoming, incoming};
use chaperone::discord::frame::RawFrame;
use chaperone::discord::gateway::{Connection, GatewayConfig, Signal, TwilightConnection, intents};
use chaperone::discord::rest::{Rest, RestConfig};
use chaperone::discord::world::World;
use chaperone::discord::{RunningBot, install_tls_provider};
use chaperone::domain::{Circumstances, MessageText, Observation, Standing, Timestamp};
use chaperone::sandbox::{Actor, Sandbox};
use chaperone::storage::{Access, OpenOptions};
use chaperone::vault::KeySource;
use rustix::time::{ClockId, clock_gettime};

/// Unflagged messages of a round.
const EVENTS: usize = 20_000;
/// Flagged messages of a round.
const FLAGGED: usize = 2_000;
/// Channels over which the flagged ones are spread: within a channel one waits for the other.
const CHANNELS: usize = 32;
/// Who takes turns with the unflagged ones.
const STUDENTS: usize = 30;
const ROUNDS: usize = 5;
/// Set in the process that plays Discord.
const PLAYS_DISCORD: &str = "CHAPERONE_BENCH_PLAYS_DISCORD";

/// Ordinary talk, 40 to 90 characters.
const LINES: [&str; 12] = [
    "does anyone have the worksheet from thursday, i think i left mine on the bus",
    "the volcano group needs more baking soda, can somebody bring two boxes tomorrow",
    "practice is moved to the small gym because of the book fair, same time",
    "i got 14 metres with the paper plane and then it landed in the fountain",
    "who is bringing snacks for friday? last time we had four bags of the same chips",
    "mr. k said the quiz is open notes so print yours before class",
    "our bridge held eleven kilos before the glue gave up, new record for table three",
    "can we use the 3d printer at lunch or do we need to ask the library first",
    "the link for the shared slides is in the pinned message, add your part by sunday",
    "lol the robot went the wrong way again and drove straight into the recycling bin",
    "if you missed the field trip form, there are spare copies on the front desk",
    "great job everyone, that was the calmest fire drill we have had all year",
];
const FLAGGED_LINE: &str = "shut up you worthless loser";

fn main() {
    // `cargo test --benches` runs this with no arguments that ask for a measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("the machine has threads");
    if std::env::var_os(PLAYS_DISCORD).is_some() {
        runtime.block_on(play_discord());
    } else {
        install_tls_provider();
        runtime.block_on(measure());
    }
}

/// Serves a world, says where, and says lines when told to.
async fn play_discord() {
    let discord = Sandbox::start().await;
    let plan = discord.guild("Bench").role("Students", 0).channel("#general");
    let club = (0..CHANNELS).fold(plan, |plan, index| plan.channel(&format!("#room-{index}"))).build();
    let student = |index: usize| club.member(&format!("Student {index}")).role("Students").join();
    let students: Vec<Actor> = (0..STUDENTS).map(student).collect();
    println!("{} {}", discord.base(), discord.token());
    let mut input = tokio::io::BufReader::new(tokio::io::stdin());
    let mut order = String::new();
    loop {
        order.clear();
        match tokio::io::AsyncBufReadExt::read_line(&mut input, &mut order).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let (what, count) = order.trim().split_once(' ').unwrap_or(("", "0"));
        let count: usize = count.parse().unwrap_or_default();
        for index in 0..count {
            if what == "flagged" {
                students[0].says(&format!("#room-{}", index % CHANNELS), FLAGGED_LINE);
            } else {
                // A lively channel: one message every few seconds, from changing people.
                discord.advances_clock(Duration::from_secs(3));
                students[index % STUDENTS].says("#general", LINES[index % LINES.len()]);
            }
        }
        discord.wait_until_all_sent().await;
        println!("{}", discord.last_seq());
    }
}

/// The process that plays Discord.
struct DiscordProcess {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    base: String,
    token: String,
}

impl DiscordProcess {
    fn start() -> Self {
        let myself = std::env::current_exe().expect("the bench knows itself");
        let mut process = Command::new(myself)
            .env(PLAYS_DISCORD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bench starts itself again");
        let orders = process.stdin.take().expect("it is piped");
        let mut answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut first = String::new();
        answers.read_line(&mut first).expect("it says where it is");
        let (base, token) = first.trim().split_once(' ').expect("it says where it is and the token");
        let (base, token) = (base.to_owned(), token.to_owned());
        Self { process, orders, answers, base, token }
    }

    fn order(&mut self, what: &str, count: usize) {
        writeln!(self.orders, "{what} {count}").expect("it listens");
    }

    /// The sequence number up to which everything was sent.
    fn done(&mut self) -> u64 {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        answer.trim().parse().expect("it answers with a number")
    }
}

impl Drop for DiscordProcess {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// One round's figures: CPU microseconds for each event, and incidents a second.
struct Round {
    transport: f64,
    decode: f64,
    scan: f64,
    whole: f64,
    incidents: f64,
}

async fn measure() {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(round().await);
    }
    let median = |of: &dyn Fn(&Round) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        (values[0], values[values.len() / 2], values[values.len() - 1])
    };
    let row = |name: &str, of: &dyn Fn(&Round) -> f64| {
        let (least, middle, most) = median(of);
        println!("{name:<52} {middle:>9.2}   ({least:.2} to {most:.2})");
    };
    println!(
        "median of {ROUNDS} rounds of {EVENTS} unflagged and {FLAGGED} flagged messages (least to most)"
    );
    row("transport, CPU us an event", &|round| round.transport);
    row("decode, CPU us an event", &|round| round.decode);
    row("scan, CPU us an event", &|round| round.scan);
    row("whole bot, CPU us an event", &|round| round.whole);
    row("whole bot / (transport + decode + scan)", &|round| {
        round.whole / (round.transport + round.decode + round.scan)
    });
    row("flagged messages to committed incidents, a second", &|round| round.incidents);
}

async fn round() -> Round {
    let mut discord = DiscordProcess::start();
    let (transport, frames) = transport(&mut discord).await;
    let (decode, texts) = decode(&frames);
    let scan = scanning(&texts);
    drop(discord);
    let mut discord = DiscordProcess::start();
    let (whole, incidents) = whole(&mut discord).await;
    Round { transport, decode, scan, whole, incidents }
}

/// Reads all frames and does nothing with them.
async fn transport(discord: &mut DiscordProcess) -> (f64, Vec<RawFrame>) {
    let rest = Rest::new(&RestConfig {
        api_base: discord.base.parse().expect("it is an address"),
        token: discord.token.clone().into(),
        timeout: Duration::from_secs(10),
        jitter_seed: 1,
    })
    .expect("the executor can be made");
    let mut connection = TwilightConnection::new(&GatewayConfig {
        url: rest.gateway_bot().await.expect("it names its gateway").url,
        token: discord.token.clone().into(),
        intents: intents(),
        shard: (0, 1),
        session_start_limit: None,
        jitter_seed: 1,
    });
    let mut frames = Vec::with_capacity(EVENTS + 8);
    while !frames.iter().any(|frame: &RawFrame| frame.as_text().contains("GUILD_CREATE")) {
        frames.extend(next_frame(&mut connection).await);
    }
    discord.order("say", EVENTS);
    let start = cpu();
    let mut messages = 0;
    while messages < EVENTS {
        if let Some(frame) = next_frame(&mut connection).await {
            messages += usize::from(frame.as_text().starts_with("{\"t\":\"MESSAGE_CREATE\""));
            frames.push(frame);
        }
    }
    let cost = per_event(start);
    discord.done();
    connection.close().await;
    (cost, frames)
}

async fn next_frame(connection: &mut TwilightConnection) -> Option<RawFrame> {
    match connection.next().await {
        Some(Signal::Frame(frame)) => Some(frame),
        other => panic!("the gateway is expected to go on: {other:?}"),
    }
}

fn decode(frames: &[RawFrame]) -> (f64, Vec<MessageText>) {
    let mut world = World::new();
    let mut texts = Vec::with_capacity(EVENTS);
    let now = Timestamp::from_millis(1_700_000_000_000);
    let start = cpu();
    for frame in frames {
        if let Incoming::Observations(seen) = incoming(frame, &mut world, now) {
            texts.extend(seen.into_iter().filter_map(|seen| match seen {
                Observation::Message(seen) => Some(seen.text.clone()),
                Observation::Deleted(_) => None,
            }));
        }
    }
    let cost = per_event(start);
    assert_eq!(texts.len(), EVENTS);
    (cost, texts)
}

fn scanning(texts: &[MessageText]) -> f64 {
    let ruleset = chaperone::patterns::load(None).expect("the built-in rules compile");
    let circumstances = Circumstances::between(Standing::Student, Standing::Student);
    let start = cpu();
    for text in texts {
        assert!(black_box(scan(&ruleset, text, &circumstances)).is_empty());
    }
    per_event(start)
}

async fn whole(discord: &mut DiscordProcess) -> (f64, f64) {
    let dir = tempfile::tempdir().expect("the machine has a place for temporary files");
    let bot = start_bot(Parts {
        config: Config { discord: Discord { api_base: discord.base.clone() }, ..Config::default() },
        database: OpenOptions {
            data_dir: dir.path().to_owned(),
            database: None,
            key: KeySource::File(dir.path().join("deployment.key")),
            access: Access::Write,
        },
        token: discord.token.clone().into(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
    })
    .await
    .expect("the bot starts");
    burst(discord, &bot, "say", 100).await;

    let start = cpu();
    burst(discord, &bot, "say", EVENTS).await;
    let cost = per_event(start);

    let wall = Instant::now();
    burst(discord, &bot, "flagged", FLAGGED).await;
    let incidents = as_f64(FLAGGED) / wall.elapsed().as_secs_f64();
    bot.stop().await.expect("the bot stops");
    (cost, incidents)
}

/// Lets so many lines be said and waits until the bot has handled them all.
async fn burst(discord: &mut DiscordProcess, bot: &RunningBot, what: &str, count: usize) {
    discord.order(what, count);
    let seq = tokio::task::block_in_place(|| discord.done());
    bot.progress().settled(seq).await;
}

/// The CPU time this process has used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

fn per_event(start: Duration) -> f64 {
    cpu().saturating_sub(start).as_secs_f64() * 1e6 / as_f64(EVENTS)
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
