//! What opening and writing say when something is wrong: each has an error of its own that says what to do, and
//! nothing is lost by it.

use std::fs;
use std::path::Path;
use std::process::Command;

use chaperone::storage::{self, Access, OpenOptions, Recorded, StorageError};
use chaperone::vault::{DeploymentKey, KeyError, KeySource};

use super::place::*;

on_every_engine! {
    a_newer_schema_is_refused_with_both_versions
    another_key_is_refused_with_both_fingerprints_and_the_right_one_still_opens
    a_missing_key_is_refused_and_no_new_one_is_made
    a_key_that_is_given_is_used_and_no_file_is_made
    a_first_start_that_stopped_half_way_is_finished_by_the_next
    a_second_chaperone_is_kept_out_and_let_in_afterwards
    a_locked_database_says_so_to_everyone_and_the_same_write_succeeds_when_it_is_free
    a_damaged_row_is_named_without_its_content
    a_lost_data_key_refuses_the_later_revision_and_nothing_else
    reading_makes_nothing_and_writes_nothing
    locked_data_keys_refuse_new_incidents_together_and_nothing_else
}

/// A database with one incident, closed.
async fn written<P: Place>(place: P) -> P {
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    storage.close_down().await;
    place
}

/// Why it does not open.
async fn refusal(place: &impl Place, access: Access) -> StorageError {
    place.try_open(access).await.map(|_| ()).unwrap_err()
}

async fn a_newer_schema_is_refused_with_both_versions(place: impl Place) {
    let place = written(place).await;
    place
        .tamper(&[
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (7, 'the future', TRUE, x'00', 0)",
            "UPDATE meta SET value = '7' WHERE name = 'admits-oldest-reader'",
        ])
        .await;
    for access in [Access::Write, Access::Read] {
        let refused = refusal(&place, access).await;
        assert!(matches!(refused, StorageError::Newer { found: 7, known: 1 }), "{refused}");
    }
    place.tamper(&["UPDATE meta SET value = '1' WHERE name = 'admits-oldest-reader'"]).await;
    assert!(matches!(refusal(&place, Access::Write).await, StorageError::Newer { .. }));
    assert_whole(&*place.try_open(Access::Read).await.unwrap()).await;
}

async fn another_key_is_refused_with_both_fingerprints_and_the_right_one_still_opens(place: impl Place) {
    let place = written(place).await;
    let kept = fs::read(place.key_file()).unwrap();
    fs::remove_file(place.key_file()).unwrap();
    DeploymentKey::create_file(&place.key_file()).unwrap();
    for access in [Access::Write, Access::Read] {
        match refusal(&place, access).await {
            StorageError::KeyMismatch { found, wanted } => assert!(found != wanted && found.len() == 16),
            other => panic!("{other}"),
        }
    }
    fs::write(place.key_file(), kept).unwrap();
    assert_whole(&*place.open().await).await;
}

async fn a_missing_key_is_refused_and_no_new_one_is_made(place: impl Place) {
    let place = written(place).await;
    let kept = fs::read(place.key_file()).unwrap();
    fs::remove_file(place.key_file()).unwrap();
    for access in [Access::Write, Access::Read] {
        let refused = refusal(&place, access).await;
        assert!(matches!(refused, StorageError::KeyMissing { .. }), "{refused}");
        assert!(!place.key_file().exists());
    }
    fs::write(place.key_file(), "half a key").unwrap();
    let refused = refusal(&place, Access::Write).await;
    assert!(matches!(refused, StorageError::Key(KeyError::NotAKeyFile { .. })), "{refused}");
    fs::write(place.key_file(), kept).unwrap();
    assert_whole(&*place.open().await).await;
}

async fn a_key_that_is_given_is_used_and_no_file_is_made(place: impl Place) {
    let key = DeploymentKey::random().unwrap();
    let options = OpenOptions { key: KeySource::Given(key), ..place.options(Access::Write) };
    let storage = storage::open(&options).await.unwrap();
    open_incident(&*storage, recording(1, 10)).await;
    storage.close_down().await;
    assert!(!place.key_file().exists());
    let refused = refusal(&place, Access::Write).await;
    assert!(matches!(refused, StorageError::KeyMissing { .. }), "{refused}");
    assert_whole(&*storage::open(&options).await.unwrap()).await;
}

async fn a_first_start_that_stopped_half_way_is_finished_by_the_next(place: impl Place) {
    let place = written(place).await;
    place.tamper(&["DELETE FROM meta WHERE name = 'key-fingerprint'"]).await;
    let key = fs::read(place.key_file()).unwrap();
    let storage = place.open().await;
    assert_whole(&*storage).await;
    assert_eq!(fs::read(place.key_file()).unwrap(), key, "the key of the first start is kept");
}

async fn a_second_chaperone_is_kept_out_and_let_in_afterwards(place: impl Place) {
    let place = written(place).await;
    let first = place.open().await;
    let refused = refusal(&place, Access::Write).await;
    assert!(matches!(refused, StorageError::InUse { .. }), "{refused}");
    let beside = place.try_open(Access::Read).await.unwrap();
    assert_whole(&*beside).await;
    beside.close_down().await;
    first.close_down().await;
    assert_whole(&*place.open().await).await;
}

async fn a_locked_database_says_so_to_everyone_and_the_same_write_succeeds_when_it_is_free(
    place: impl Place,
) {
    let place = written(place).await;
    let storage = place.open().await;
    let other = place.block(false).await;
    let refused =
        futures_util::future::join_all((2..50).map(|message| storage.record(recording(message, 10)))).await;
    for refused in refused.into_iter().map(Result::unwrap_err) {
        assert!(matches!(refused, StorageError::Locked) && refused.is_passing(), "{refused}");
    }
    assert_eq!(storage.incidents(every_incident()).await.unwrap().len(), 1, "reading goes on");
    other.release().await;
    open_incident(&*storage, recording(2, 10)).await;
    assert_eq!(assert_whole(&*storage).await.evidence, 2);
}

async fn a_damaged_row_is_named_without_its_content(place: impl Place) {
    let place = written(place).await;
    place.tamper(&["UPDATE incidents SET severity = 'terrible' WHERE id = 1"]).await;
    let storage = place.open().await;
    let damaged = storage.incidents(every_incident()).await.unwrap_err();
    match &damaged {
        StorageError::Corrupt { table: "incidents", row, .. } => assert_eq!(row, "1"),
        other => panic!("{other}"),
    }
    assert!(!damaged.to_string().contains("terrible") && !damaged.is_passing(), "{damaged}");
    open_incident(&*storage, recording(2, 10)).await;
}

async fn a_lost_data_key_refuses_the_later_revision_and_nothing_else(place: impl Place) {
    let place = written(place).await;
    place.tamper_keys(&["DELETE FROM data_keys"]).await;
    let storage = place.open().await;
    let refused = storage.record(recording(1, 20)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Corrupt { table: "data_keys", .. }), "{refused}");
    assert!(matches!(storage.record(recording(1, 10)).await.unwrap(), Recorded::Already(_)));
    open_incident(&*storage, recording(2, 10)).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let place = written(Sqlite::fresh()).await;
    for name in ["chaperone.db", "keys.db"] {
        let path = place.data_dir().join(name);
        let kept = fs::read(&path).unwrap();
        fs::write(&path, "This is not a database, but a text that somebody put in its place. ".repeat(20))
            .unwrap();
        let refused = refusal(&place, Access::Write).await;
        assert!(matches!(refused, StorageError::NotADatabase), "{name}: {refused}");
        fs::write(&path, kept).unwrap();
    }
    assert_whole(&*place.open().await).await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_named() {
    let place = Sqlite::fresh();
    fs::write(place.data_dir(), "a file is in the way").unwrap();
    let refused = refusal(&place, Access::Write).await;
    assert!(matches!(&refused, StorageError::DataDir { path, .. } if *path == place.data_dir()), "{refused}");
    fs::remove_file(place.data_dir()).unwrap();
    fs::create_dir_all(place.data_dir().join("chaperone.db")).unwrap();
    let refused = refusal(&place, Access::Write).await;
    assert!(matches!(&refused, StorageError::DataDir { path, .. } if *path == place.data_dir()), "{refused}");
}

async fn reading_makes_nothing_and_writes_nothing(place: impl Place) {
    let refused = refusal(&place, Access::Read).await;
    assert!(matches!(refused, StorageError::NoDatabase { .. }), "{refused}");
    assert!(!place.data_dir().exists() && !place.key_file().exists());
    if place.database().is_none() {
        fs::create_dir(place.data_dir()).unwrap();
        fs::write(place.data_dir().join("chaperone.db"), "").unwrap();
    }
    let refused = refusal(&place, Access::Read).await;
    assert!(matches!(refused, StorageError::NoDatabase { .. }), "{refused}");

    let place = written(place.another()).await;
    let storage = place.try_open(Access::Read).await.unwrap();
    assert!(matches!(storage.record(recording(2, 10)).await, Err(StorageError::ReadOnly)));
    assert!(matches!(storage.see_group(GROUP, at(1)).await, Err(StorageError::ReadOnly)));
    assert_eq!(storage.incidents(every_incident()).await.unwrap().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_directory_and_every_file_in_it_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Sqlite::fresh();
    let storage = place.open().await;
    open_incident(&*storage, recording(1, 10)).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.data_dir()), 0o700);
    let files: Vec<_> = fs::read_dir(place.data_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

async fn locked_data_keys_refuse_new_incidents_together_and_nothing_else(place: impl Place) {
    let place = written(place).await;
    let storage = place.open().await;
    let other = place.block(true).await;
    let (refused, settled) = tokio::join!(
        futures_util::future::join_all((2..50).map(|message| storage.record(recording(message, 10)))),
        storage.record(recording(1, 10)),
    );
    for refused in refused.into_iter().map(Result::unwrap_err) {
        assert!(matches!(refused, StorageError::Locked), "{refused}");
    }
    assert!(matches!(settled.unwrap(), Recorded::Already(_)));
    other.release().await;
    open_incident(&*storage, recording(2, 10)).await;
    assert_whole(&*storage).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_says_so_and_what_was_refused_can_be_recorded_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), None);
    let limited = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" --ignored --exact \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg("storage::failures::recording_until_the_disk_is_full")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(limited.status.success(), "{}", String::from_utf8_lossy(&limited.stdout));

    let storage = storage::open(&here(folder.path())).await.unwrap();
    let kept = storage.incidents(every_incident()).await.unwrap().len() as u64;
    assert!(kept > 0, "some were kept before the disk was full");
    assert_whole(&*storage).await;
    open_incident(&*storage, large(kept + 1)).await;
    assert_whole(&*storage).await;
}

/// Not a test of its own: run by the one above in a process that may not write large files.
#[tokio::test]
#[ignore = "needs a limit on the size of files, and runs in one"]
async fn recording_until_the_disk_is_full() {
    let storage = storage::open(&here(prepared())).await.unwrap();
    let mut message = 1;
    let refused = loop {
        match storage.record(large(message)).await {
            Ok(_) => message += 1,
            Err(refused) => break refused,
        }
        assert!(message < 800, "the disk never gets full");
    };
    assert!(matches!(refused, StorageError::DiskFull) && refused.is_passing(), "{refused:?}");
    let refused = storage.record(large(message)).await.unwrap_err();
    assert!(matches!(refused, StorageError::DiskFull), "it stays so until there is room: {refused:?}");
    assert_eq!(storage.incidents(every_incident()).await.unwrap().len() as u64, message - 1);
    assert_whole(&*storage).await;
}

fn large(message: u64) -> storage::Recording {
    let mut recording = recording(message, 10);
    recording.evidence = vec![evidence(message, 10, &"long ".repeat(4_000))];
    recording
}
