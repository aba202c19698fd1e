//! The stage: a Grade 9 science club with its people, and a bot that can be stopped and started again.

use std::sync::Arc;
use std::time::Duration;

use chaperone::app::Happening;
use chaperone::cli::{Parts, SystemClock, SystemIds, start_bot};
use chaperone::config::{Config, Discord};
use chaperone::discord::{RunningBot, install_tls_provider};
use chaperone::sandbox::{Actor, Guild, Sandbox, permissions};
use chaperone::storage::{self, Access, LogVerdict, OpenOptions};
use chaperone::vault::KeySource;
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::sync::broadcast::Receiver;

/// How long an expectation waits for what never comes, before the story fails.
const PATIENCE: Duration = Duration::from_secs(20);
/// Words that a built-in rule flags, from anybody to anybody.
pub(crate) const HARMFUL: &str = "shut up you worthless loser";
/// Words that nothing flags.
pub(crate) const HARMLESS: &str = "the lab is open at noon, bring goggles";

/// A school's server, its people, and Chaperone.
pub(crate) struct School {
    pub(crate) discord: Sandbox,
    pub(crate) club: Guild,
    pub(crate) principal: Actor,
    pub(crate) teacher: Actor,
    pub(crate) coach: Actor,
    pub(crate) student: Actor,
    bot: Option<RunningBot>,
    happenings: Mutex<Option<Receiver<Happening>>>,
    dir: TempDir,
}

impl School {
    /// A club whose group is set up and watched.
    pub(crate) async fn open() -> Self {
        let school = Self::not_set_up().await;
        school.set_up().await;
        school
    }

    /// A club in which Chaperone has just arrived.
    pub(crate) async fn not_set_up() -> Self {
        let mut school = Self::without_bot().await;
        school.starts().await;
        school
    }

    /// A club whose Chaperone is not running yet.
    pub(crate) async fn without_bot() -> Self {
        let discord = Sandbox::start().await;
        let club = discord
            .guild("Science Club")
            .owner("Dana IT")
            .role("Students", 0)
            .role("Parents", 0)
            .role("Staff", 0)
            .role("Administrators", permissions::ADMINISTRATOR)
            .channel("#general")
            .channel("#lab")
            .private_channel("#office", &["Administrators"])
            .build();
        let principal = club.member("Priya Principal").role("Staff").role("Administrators").join();
        let teacher = club.member("Tom Teacher").role("Staff").role("Administrators").join();
        let coach = club.member("Casey Coach").role("Staff").join();
        let student = club.member("Ava").role("Students").join();
        let dir = tempfile::tempdir().expect("the machine has a place for temporary files");
        Self {
            discord,
            club,
            principal,
            teacher,
            coach,
            student,
            bot: None,
            happenings: Mutex::default(),
            dir,
        }
    }

    /// Runs `/group setup` as the principal, with both administrators.
    pub(crate) async fn set_up(&self) {
        let reply = self
            .principal
            .runs(
                "/group setup staff:@Staff students:@Students administrator:@\"Priya Principal\" \
                 second-administrator:@\"Tom Teacher\" fallback:#office parents:@Parents",
            )
            .await;
        assert!(reply.text().contains("Administrators"), "{}", reply.text());
    }

    /// How the database is opened.
    pub(crate) fn database(&self, access: Access) -> OpenOptions {
        let data_dir = self.dir.path().join("data");
        let key = KeySource::File(data_dir.join("deployment.key"));
        OpenOptions { data_dir, key, access }
    }

    /// What the bot is put together from.
    pub(crate) fn parts(&self) -> Parts {
        Parts {
            config: Config { discord: Discord { api_base: self.discord.base() }, ..Config::default() },
            database: self.database(Access::Write),
            token: self.discord.token().into(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
        }
    }

    /// Starts Chaperone.
    pub(crate) async fn starts(&mut self) {
        install_tls_provider();
        let bot = start_bot(self.parts()).await.expect("Chaperone starts");
        *self.happenings.lock().await = Some(bot.deployment().happenings.listen());
        self.bot = Some(bot);
        self.settled().await;
    }

    /// Stops Chaperone in order.
    pub(crate) async fn stops(&mut self) {
        let bot = self.bot.take().expect("Chaperone is running");
        bot.stop().await.expect("Chaperone stops in order");
    }

    /// Stops Chaperone and starts it again, on the same database.
    pub(crate) async fn restarts(&mut self) {
        self.stops().await;
        self.starts().await;
    }

    /// Waits until Chaperone has handled everything that Discord has sent.
    pub(crate) async fn settled(&self) {
        let bot = self.bot.as_ref().expect("Chaperone is running");
        self.discord.wait_until_all_sent().await;
        let seq = u64::try_from(self.discord.last_seq()).expect("it is a small number");
        bot.progress().settled(seq).await;
    }

    /// Waits until so many notices, since the start or the last call, were sent or given up, and are recorded as that.
    pub(crate) async fn alerts_settled(&self, count: usize) {
        let mut happenings = self.happenings.lock().await;
        let happenings = happenings.as_mut().expect("Chaperone is running");
        let mut settled = 0;
        while settled < count {
            let happening = tokio::time::timeout(PATIENCE, happenings.recv()).await;
            let happening =
                happening.unwrap_or_else(|_| panic!("only {settled} of {count} notices were settled"));
            settled += usize::from(matches!(happening, Ok(Happening::Alert { .. })));
        }
    }

    /// Waits until nothing is left in the outbox, whatever is waiting for its next attempt.
    pub(crate) async fn outbox_is_empty(&self) {
        let mut happenings = self.happenings.lock().await;
        let happenings = happenings.as_mut().expect("Chaperone is running");
        let storage = storage::open(&self.database(Access::Read)).await.expect("the database opens");
        while let Some(at) = storage.next_alert_at().await.expect("the outbox can be read") {
            let happening = tokio::time::timeout(PATIENCE, happenings.recv()).await;
            assert!(happening.is_ok(), "the outbox never got empty; the next attempt is due at {at:?}");
        }
        storage.close_down().await;
    }

    /// The codes of the open cases as this administrator sees them, the newest first.
    pub(crate) async fn open_codes(&self, administrator: &Actor) -> Vec<String> {
        self.settled().await;
        codes(&administrator.runs("/incident list").await.text())
    }

    /// The code of the only open case.
    pub(crate) async fn only_code(&self) -> String {
        let codes = self.open_codes(&self.principal).await;
        assert_eq!(codes.len(), 1, "expected one open case: {codes:?}");
        codes[0].clone()
    }

    /// Deletes all data keys by hand, as a damaged disk might.
    pub(crate) async fn loses_data_keys(&self) {
        let path = self.database(Access::Read).data_dir.join("keys.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut keys = sqlx::sqlite::SqliteConnection::connect_with(&options).await.expect("the file opens");
        sqlx::query("DELETE FROM data_keys").execute(&mut keys).await.expect("the table is there");
        keys.close().await.expect("the file closes");
    }

    /// What verifying the log says, beside the running bot.
    pub(crate) async fn verifies_log(&self) -> LogVerdict {
        let storage = storage::open(&self.database(Access::Read)).await.expect("the database opens");
        let verdict = storage.verify_log(&|_| {}).await.expect("the log can be read");
        storage.close_down().await;
        verdict
    }

    /// Asserts that the log is as it was written.
    pub(crate) async fn log_is_intact(&self) {
        let verdict = self.verifies_log().await;
        assert_eq!(verdict.problems, Vec::<String>::new());
        assert!(verdict.entries > 0);
    }
}

/// The case codes in a listing: the words between backticks.
pub(crate) fn codes(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).filter(|word| word.len() == 5).map(ToOwned::to_owned).collect()
}
