//! What a server that is not there, refuses or cuts the connection leads to. What can be done again is said to be, and
//! done again; what was committed is never done twice.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chaperone::domain::{Actor, LogAction, LogChain};
use chaperone::storage::{self, Access, NewLogEntry, OpenOptions, Storage, StorageError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use super::place::*;

/// A secret that no error may show.
const PASSWORD: &str = "hunter2-swordfish";

/// Why it does not open, which shows neither password nor user.
async fn refusal(options: &OpenOptions) -> StorageError {
    let refused = storage::open(options).await.map(|_| ()).unwrap_err();
    let mut shown = format!("{refused} {refused:?} {options:?}");
    let mut source = std::error::Error::source(&refused);
    while let Some(deeper) = source {
        shown.push_str(&deeper.to_string());
        source = deeper.source();
    }
    assert!(!shown.contains(PASSWORD) && !shown.contains("guest"), "{shown}");
    refused
}

fn entry(second: i64) -> NewLogEntry {
    NewLogEntry {
        chain: LogChain::Deployment,
        at: at(second),
        actor: Actor::Chaperone,
        action: LogAction::AccessRefused,
        incident: None,
        detail: None,
    }
}

async fn entries(storage: &dyn Storage) -> u64 {
    assert_whole(storage).await.entries
}

#[tokio::test]
async fn whoever_may_not_in_is_told_what_to_do_and_nothing_secret_is_shown() {
    let Some(place) = Postgres::fresh() else { return };
    let (server, name) = (&place.server, &place.name);
    let guest = format!("guest_{name}");
    server.psql(name, &format!("CREATE ROLE {guest} LOGIN PASSWORD '{PASSWORD}'"));
    let at = |user: &str, database: &str| place.options_at(server.url_as(user, database));
    let known = format!("{guest}:{PASSWORD}");

    let refused = refusal(&at(&format!("{guest}:not-{PASSWORD}"), name)).await;
    assert!(matches!(refused, StorageError::NotAccepted), "{refused}");
    let refused = refusal(&at(&format!("{guest}_nobody:{PASSWORD}"), name)).await;
    assert!(matches!(refused, StorageError::NotAccepted), "{refused}");
    let refused = refusal(&at(&known, "guest_nowhere")).await;
    assert!(matches!(refused, StorageError::NoSuchDatabase), "{refused}");
    let refused = refusal(&at(&known, name)).await;
    assert!(matches!(refused, StorageError::NotPermitted), "{refused}");
    assert!(!refused.is_passing() && !refused.is_absence());

    // Whoever owns both schemas needs no right to make more.
    let own = format!(
        "CREATE SCHEMA chaperone AUTHORIZATION {guest}; CREATE SCHEMA chaperone_keys AUTHORIZATION {guest}"
    );
    server.psql(name, &own);
    let storage = storage::open(&at(&known, name)).await.unwrap();
    open_incident(&*storage, recording(1, 10)).await;
    assert_whole(&*storage).await;
    storage.close_down().await;
    server.psql(name, &format!("DROP OWNED BY {guest} CASCADE; DROP ROLE {guest}"));
}

#[tokio::test]
async fn an_address_at_which_nobody_answers_is_an_absence_and_an_unsafe_one_is_refused() {
    let Some(place) = Postgres::fresh() else { return };
    let refused = refusal(&place.options_at("postgres://guest@%2Fnowhere/x".into())).await;
    assert!(matches!(refused, StorageError::Unreachable { .. }) && refused.is_absence(), "{refused}");
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = refusal(&place.options_at(format!("postgres://guest:{PASSWORD}@{unused}/x"))).await;
    assert!(matches!(refused, StorageError::Unreachable { .. }) && refused.is_passing(), "{refused}");

    let proxy = Proxy::start(&place).await;
    let refused = refusal(&place.options_at(proxy.url(&place, "?sslmode=require"))).await;
    assert!(matches!(refused, StorageError::Encryption) && !refused.is_passing(), "{refused}");
}

#[tokio::test]
async fn a_connection_that_was_cut_while_nothing_was_under_way_is_not_noticed() {
    let Some(place) = Postgres::fresh() else { return };
    let storage = place.open().await;
    let incident = open_incident(&*storage, recording(1, 10)).await;
    for message in 2..5 {
        place.server.cut(&place.name);
        open_incident(&*storage, recording(message, 10)).await;
        place.server.cut(&place.name);
        assert_eq!(storage.incident(incident.id).await.unwrap().unwrap().id, incident.id);
        place.server.cut(&place.name);
        storage.open_case_file(incident.id, reading(PRINCIPAL, 50)).await.unwrap().unwrap();
    }
    assert_eq!(assert_whole(&*storage).await.evidence, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_was_cut_leaves_nothing_and_can_be_done_again() {
    let Some(place) = Postgres::fresh() else { return };
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    let block = place.block(false).await;
    let waiting = {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move { storage.record(recording(2, 10)).await })
    };
    place.server.somebody_waits(&place.name);
    place.server.cut(&place.name);
    let cut = waiting.await.unwrap().unwrap_err();
    assert!(matches!(cut, StorageError::Disconnected) && cut.is_passing(), "{cut}");
    drop(block);
    open_incident(&*storage, recording(2, 10)).await;
    let verdict = assert_whole(&*storage).await;
    assert_eq!((verdict.entries, verdict.evidence), (3, 2));
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_counts_as_what_it_was() {
    let Some(place) = Postgres::fresh() else { return };
    let proxy = Proxy::start(&place).await;
    let storage = storage::open(&place.options_at(proxy.url(&place, ""))).await.unwrap();
    for before in [0, 3] {
        storage.log(entry(1)).await.unwrap();
        proxy.at_next_commit(LOSE_THE_ANSWER);
        storage.log(entry(2)).await.unwrap();
        assert_eq!(entries(&*storage).await, before + 2, "it was committed, and not done twice");
        proxy.at_next_commit(LOSE_THE_COMMIT);
        let lost = storage.log(entry(3)).await.unwrap_err();
        assert!(matches!(lost, StorageError::Disconnected), "{lost}");
        assert_eq!(entries(&*storage).await, before + 2, "it was not committed");
        storage.log(entry(3)).await.unwrap();
    }
    assert_eq!(entries(&*storage).await, 6);
}

#[tokio::test]
async fn a_commit_of_which_nothing_can_be_learnt_is_in_doubt_and_the_next_one_goes_on() {
    let Some(place) = Postgres::fresh() else { return };
    let proxy = Proxy::start(&place).await;
    let storage = storage::open(&place.options_at(proxy.url(&place, ""))).await.unwrap();
    storage.log(entry(1)).await.unwrap();
    proxy.at_next_commit(LOSE_THE_SERVER);
    let lost = storage.log(entry(2)).await.unwrap_err();
    assert!(matches!(lost, StorageError::InDoubt) && lost.is_passing(), "{lost}");
    proxy.at_next_commit(PASS);
    storage.log(entry(3)).await.unwrap();
    assert_eq!(entries(&*storage).await, 3, "it was committed, which nobody could tell");
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let Some(place) = Postgres::on_own_server() else { return };
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    place.server.stop();
    for _ in 0..2 {
        let refused = storage.record(recording(2, 10)).await.unwrap_err();
        assert!(matches!(refused, StorageError::Unreachable { .. }) && refused.is_passing(), "{refused}");
        let refused = storage.groups().await.unwrap_err();
        assert!(matches!(refused, StorageError::Unreachable { .. }), "{refused}");
    }
    place.server.start();
    open_incident(&*storage, recording(2, 10)).await;
    assert_eq!(assert_whole(&*storage).await.evidence, 2);
}

#[tokio::test]
async fn whoever_lost_the_database_to_another_chaperone_writes_no_more() {
    let Some(place) = Postgres::fresh() else { return };
    let first = place.open().await;
    first.log(entry(1)).await.unwrap();
    place.server.cut(&place.name);
    let second = place.open().await;
    let refused = first.log(entry(2)).await.unwrap_err();
    assert!(matches!(refused, StorageError::InUse { .. }), "{refused}");
    second.log(entry(3)).await.unwrap();
    second.close_down().await;
    let refused = first.log(entry(4)).await.unwrap_err();
    assert!(matches!(refused, StorageError::InUse { .. }) && !refused.is_passing(), "{refused}");
    assert_eq!(entries(&*place.try_open(Access::Read).await.unwrap()).await, 2);
}

#[tokio::test]
async fn what_the_server_gives_up_leaves_the_others_of_its_batch_alone() {
    let Some(place) = Postgres::fresh() else { return };
    let storage = place.open().await;
    place.server.psql(
        &place.name,
        "CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.message = 2 THEN \
         RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER give_up BEFORE INSERT ON chaperone.incidents FOR EACH ROW EXECUTE FUNCTION give_up()",
    );
    let (one, two, three) = tokio::join!(
        storage.record(recording(1, 10)),
        storage.record(recording(2, 10)),
        storage.record(recording(3, 10))
    );
    assert!(one.is_ok() && three.is_ok(), "{one:?} {three:?}");
    let two = two.unwrap_err();
    assert!(matches!(two, StorageError::Overtaken) && two.is_passing(), "{two}");
    place.server.psql(&place.name, "DROP TRIGGER give_up ON chaperone.incidents");
    open_incident(&*storage, recording(2, 10)).await;
    assert_eq!(assert_whole(&*storage).await.evidence, 3);
}

#[tokio::test]
async fn the_data_keys_are_in_a_schema_of_their_own_and_words_are_sealed() {
    let Some(place) = Postgres::fresh() else { return };
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    let changed = place.change(true, &["UPDATE data_keys SET id = id"]).await;
    assert_eq!(changed, [1]);
    let readable = "SELECT 1 FROM chaperone.evidence WHERE position('DM me' IN encode(sealed, 'escape')) > 0";
    assert_eq!(place.change(false, &[readable]).await, [0]);
}

const PASS: u8 = 0;
/// The server commits, and nobody hears of it.
const LOSE_THE_ANSWER: u8 = 1;
/// The server never hears of the commit.
const LOSE_THE_COMMIT: u8 = 2;
/// The server commits, nobody hears of it, and it cannot be reached until told to pass.
const LOSE_THE_SERVER: u8 = 3;

/// Stands between a Chaperone and its server and cuts connections at a commit.
struct Proxy {
    port: u16,
    next: Arc<AtomicU8>,
}

impl Proxy {
    async fn start(place: &Postgres) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(AtomicU8::new(PASS));
        let (socket, cuts) = (place.server.socket(), Arc::clone(&next));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if cuts.load(Ordering::SeqCst) != LOSE_THE_SERVER {
                    tokio::spawn(pass_on(client, socket.clone(), Arc::clone(&cuts)));
                }
            }
        });
        Self { port, next }
    }

    fn at_next_commit(&self, what: u8) {
        self.next.store(what, Ordering::SeqCst);
    }

    fn url(&self, place: &Postgres, parameters: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}{parameters}", self.port, place.name)
    }
}

async fn pass_on(mut client: TcpStream, socket: PathBuf, cuts: Arc<AtomicU8>) {
    let mut server = UnixStream::connect(socket).await.unwrap();
    let (mut asked, mut answered) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(count @ 1..) = read else { return };
                let commits = asked[..count].windows(7).any(|bytes| bytes == b"COMMIT\0");
                let what = if commits { cuts.load(Ordering::SeqCst) } else { PASS };
                if what == LOSE_THE_COMMIT {
                    cuts.store(PASS, Ordering::SeqCst);
                    return;
                }
                server.write_all(&asked[..count]).await.unwrap();
                if what != PASS {
                    // The answer says that it is committed.
                    assert!(server.read(&mut answered).await.unwrap() > 0);
                    if what == LOSE_THE_ANSWER {
                        cuts.store(PASS, Ordering::SeqCst);
                    }
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
