//! Chaperone killed with SIGKILL at random moments of a burst of messages, and started again each time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher, RandomState};

use chaperone::domain::{Incident, MessageId};
use chaperone::sandbox::{Actor, World};
use chaperone::storage::{self, Access, IncidentFilter, Storage};

use super::School;
use super::program::Program;
use super::school::{HARMFUL, HARMLESS};

/// How often it is killed.
const KILLS: usize = 10;
/// Where is written.
const SPACES: [&str; 4] = ["#general", "#lab", "#projects", "poster ideas"];

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_ten_random_moments_of_a_burst_nothing_is_lost_and_nothing_is_doubled() {
    // CHAPERONE_TEST_SEED at build time plays a story again.
    let given = option_env!("CHAPERONE_TEST_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let told = tokio::spawn(story(seed)).await;
    assert!(told.is_ok(), "the story fails with CHAPERONE_TEST_SEED={seed}");
}

async fn story(seed: u64) {
    let mut school = School::without_bot().await;
    school.club.adds_channel("#projects");
    school.student.opens_thread("#general", "poster ideas");
    let mut program = school.runs_program();
    school.set_up().await;

    let mut burst = Burst { chance: Chance(seed), harmful: BTreeSet::new(), ordinary: 0 };
    for _ in 0..KILLS {
        program = burst.kill_once(&school, program).await;
    }
    let expected = burst.harmful.len();
    assert!(
        expected >= 2 * KILLS && burst.ordinary >= KILLS,
        "{expected} harmful, {} ordinary",
        burst.ordinary
    );
    school.principal.inbox_until(expected).await;
    school.teacher.inbox_until(expected).await;
    program.terminate();
    let ended = program.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);

    // A notice that got through and whose answer was cut off by a kill is still to be confirmed.
    school.starts().await;
    school.outbox_is_empty().await;
    nothing_is_lost_or_doubled(&school, &burst.harmful).await;
    school.stops().await;

    let verified = Program::start(school.command(&["log", "verify"])).ended().await;
    assert_eq!(verified.code, Some(0), "{}", verified.out);
    assert!(verified.out.contains("everything fits"), "{}", verified.out);
}

async fn nothing_is_lost_or_doubled(school: &School, harmful: &BTreeSet<MessageId>) {
    let storage = storage::open(&school.database(Access::Read)).await.unwrap();
    let incidents = incidents(&*storage, school).await;
    let mut flagged: Vec<_> = incidents.iter().map(|incident| incident.message).collect();
    flagged.sort();
    assert!(flagged.iter().eq(harmful), "one incident for each of {harmful:?}, but {flagged:?}");
    for administrator in [&school.principal, &school.teacher] {
        each_is_told_once(administrator, &incidents);
    }
    let verdict = storage.verify_log(&|_| {}).await.unwrap();
    assert_eq!(verdict.problems, Vec::<String>::new());
    assert!(verdict.evidence >= harmful.len() as u64);
    storage.close_down().await;
}

fn each_is_told_once(administrator: &Actor, incidents: &[Incident]) {
    let mut told: BTreeMap<&str, usize> = incidents.iter().map(|one| (one.code.as_str(), 0)).collect();
    let inbox = administrator.inbox();
    for alert in &inbox {
        let text = alert.text();
        let of = told.iter_mut().find(|(code, _)| text.contains(**code));
        *of.unwrap_or_else(|| panic!("an alert about no incident: {text}")).1 += 1;
    }
    assert!(told.values().all(|times| *times == 1), "{}: {told:?}", administrator.name());
}

async fn incidents(storage: &dyn Storage, school: &School) -> Vec<Incident> {
    let group = school.club.id();
    let all = IncidentFilter { group, open_only: false, without_accused: None, before: None, most: 1_000 };
    storage.incidents(all).await.unwrap()
}

/// What is said, and when the program is killed.
struct Burst {
    chance: Chance,
    harmful: BTreeSet<MessageId>,
    ordinary: usize,
}

impl Burst {
    /// Says something, kills the program in the midst of it, says something while it is down, and starts it again.
    async fn kill_once(&mut self, school: &School, program: Program) -> Program {
        if self.chance.below(2) == 0 {
            self.during_start_up(school).await;
        } else {
            self.while_watching(school).await;
        }
        program.kill();
        self.say(school, 2);
        let sessions = school.discord.look(World::sessions);
        let program = school.runs_program();
        if self.chance.below(2) == 0 {
            school
                .discord
                .wait_until("the program to be connected again", |world| {
                    world.sessions() > sessions && world.all_sent()
                })
                .await;
        }
        program
    }

    /// From login to the end of the reading back there are about thirty requests.
    async fn during_start_up(&mut self, school: &School) {
        self.say(school, 4);
        let wanted = school.discord.requests().len() + self.chance.below(30);
        self.wait(school, |world, _| world.requests().len() >= wanted).await;
    }

    async fn while_watching(&mut self, school: &School) {
        school.discord.wait_until_all_sent().await;
        self.say(school, 6);
        let wanted = school.principal.inbox().len() + self.chance.below(4);
        self.wait(school, |_, told| told >= wanted).await;
    }

    /// Waits for the moment, or until there is nothing left to wait for.
    async fn wait(&self, school: &School, is_now: impl Fn(&World, usize) -> bool) {
        let everything = self.harmful.len();
        school
            .discord
            .wait_until("the moment of the kill", |world| {
                let told = ["Priya Principal", "Tom Teacher"].map(|name| world.inbox(name).len());
                is_now(world, told[0]) || told.iter().all(|told| *told >= everything)
            })
            .await;
    }

    /// So many lines in different places by different people; a third of them ordinary.
    fn say(&mut self, school: &School, lines: usize) {
        for _ in 0..lines {
            let space = SPACES[self.chance.below(SPACES.len())];
            let who = [&school.student, &school.coach][self.chance.below(2)];
            if self.chance.below(3) == 0 {
                who.says(space, HARMLESS);
                self.ordinary += 1;
            } else {
                self.harmful.insert(who.says(space, HARMFUL).id);
            }
        }
    }
}

/// Chance that can be played again: the splitmix64 sequence.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }
}
