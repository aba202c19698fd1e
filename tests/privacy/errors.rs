//! Errors and all that they were caused by, printed in every way: none quotes what it was about.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use chaperone::discord::address::{ApiBase, GatewayUrl};
use chaperone::discord::frame::RawFrame;
use chaperone::discord::install_tls_provider;
use chaperone::discord::interactions::{Interaction, InteractionId, InteractionToken};
use chaperone::discord::rest::{ArchivedThreads, MessagePage, Nonce, Rest, RestConfig, RestError};
use chaperone::domain::{AccountId, ApplicationId, IncidentId, Timestamp};
use chaperone::sandbox::RestFault;
use chaperone::storage::{self, Access, NewNote};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::paths::harmful;
use super::search::{INTERACTION_TOKEN, NAME, Search, TEXT};
use crate::stories::School;

/// Everything that can be printed of an error, as `{}`, `{:?}` and `{:#}`, and of its causes.
fn printed(error: &(dyn Error + 'static)) -> String {
    let mut all = String::new();
    let mut next = Some(error);
    while let Some(one) = next {
        write!(all, "{one}\n{one:#}\n{one:?}\n{one:#?}\n").unwrap();
        next = one.source();
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_errors_of_every_kind_quote_no_body_address_or_token() {
    let faults = [400, 401, 403, 404, 409, 410, 413, 418, 500, 502, 503].map(RestFault::Status);
    let others = [
        RestFault::Garbled,
        RestFault::RateLimited { seconds: 600.0, global: false },
        RestFault::RateLimited { seconds: 600.0, global: true },
        RestFault::NeverAnswered,
    ];
    let faults = faults.into_iter().chain(others).map(Some);
    let errors: Vec<_> = futures_util::future::join_all(faults.chain([None]).map(failing))
        .await
        .into_iter()
        .flatten()
        .collect();

    let kinds = |is: fn(&RestError) -> bool| errors.iter().filter(|error| is(error)).count();
    assert!(kinds(|error| matches!(error, RestError::Undecodable { .. })) > 0);
    assert!(kinds(|error| matches!(error, RestError::Unreachable { .. })) > 0);
    assert!(kinds(|error| matches!(error, RestError::RateLimited { .. })) > 0);
    assert!(errors.len() > 80, "{}", errors.len());
    let search = Search::for_all();
    for error in &errors {
        search.must_be_vain("a REST error", &printed(error));
    }
}

/// The errors of all requests under a fault; without one, where nobody listens.
async fn failing(fault: Option<RestFault>) -> Vec<RestError> {
    let school = School::without_bot().await;
    let Some(fault) = fault else {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        return every_request(&rest(&school, &format!("http://{closed}")), &school).await;
    };
    let quoted = format!("{TEXT} {NAME} {} {INTERACTION_TOKEN}", school.discord.token());
    school.discord.quotes_in_errors(&quoted);
    school.discord.fails("/", fault, 1_000);
    every_request(&rest(&school, &school.discord.base()), &school).await
}

fn rest(school: &School, base: &str) -> Rest {
    install_tls_provider();
    let api_base = base.parse::<ApiBase>().unwrap();
    let token = school.discord.token().into();
    Rest::new(&RestConfig { api_base, token, timeout: Duration::from_millis(200), jitter_seed: 7 }).unwrap()
}

/// The errors of one request of each kind.
async fn every_request(rest: &Rest, school: &School) -> Vec<RestError> {
    let general = school.club.channel_id("#general");
    let token = InteractionToken::new(format!("{INTERACTION_TOKEN}{TEXT}"));
    let (application, body) = (ApplicationId::new(1), json!({"content": TEXT}));
    let nonce = Nonce::new("n").unwrap();
    let (id, page) = (InteractionId::new(1), MessagePage::Newest);
    let errors = [
        rest.current_application().await.err(),
        rest.gateway_bot().await.err(),
        rest.messages(general, page, 5).await.err(),
        rest.send_message(general, &body, &nonce).await.err(),
        rest.open_direct(AccountId::new(5)).await.err(),
        rest.archived_threads(general, ArchivedThreads::Public).await.err(),
        rest.interaction_response(id, &token, &body).await.err(),
        rest.edit_original(application, &token, &body).await.err(),
    ];
    errors.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_errors_quote_nothing_that_was_to_be_written() {
    let mut school = School::without_bot().await;
    school.starts().await;
    school.stops().await;
    let data_dir = school.database(Access::Read).data_dir;
    let storage = storage::open(&school.database(Access::Write)).await.unwrap();
    let note = || NewNote {
        incident: IncidentId::from_db(1),
        by: AccountId::new(2),
        at: Timestamp::from_millis(3),
        text: TEXT.into(),
    };
    let mut said = format!("{:?}", note());
    let mut other: SqliteConnection =
        SqliteConnectOptions::new().filename(data_dir.join("chaperone.db")).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    said.push_str(&printed(&storage.note(note()).await.unwrap_err()));
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    sqlx::query("ALTER TABLE incidents RENAME TO quokka").execute(&mut other).await.unwrap();
    said.push_str(&printed(&storage.note(note()).await.unwrap_err()));
    other.close().await.unwrap();
    storage.close_down().await;
    said.push_str(&printed(&storage.note(note()).await.unwrap_err()));

    fs::write(data_dir.join("chaperone.db"), harmful().repeat(500)).unwrap();
    said.push_str(&printed(&storage::open(&school.database(Access::Write)).await.map(drop).unwrap_err()));
    Search::for_all().must_be_vain("a storage error", &said);
}

#[test]
fn what_cannot_be_read_is_refused_without_being_quoted() {
    #[derive(Debug, serde::Deserialize)]
    struct Code {
        #[serde(rename = "code")]
        _code: u8,
    }
    let mut said = String::new();
    for text in [TEXT.to_owned(), format!(r#"{{"op":"{TEXT}"}}"#), format!(r#"{{"op":0,"t":"{NAME}""#)] {
        let raw = RawFrame::new(text);
        write!(said, "{raw:?}{:?}", raw.frame()).unwrap();
        said.push_str(&printed(&raw.frame().unwrap_err()));
    }
    let interaction = json!({"id": "7", "application_id": "9", "token": INTERACTION_TOKEN, "type": 2,
        "member": {"user": {"id": "5", "username": NAME}},
        "data": {"name": TEXT, "options": [{"name": "code", "type": 3, "value": TEXT}, {"name": TEXT, "type": 3,
            "value": NAME}]}});
    let interaction = Interaction::from_json(&interaction.to_string()).unwrap();
    write!(said, "{interaction:?}{:#?}", interaction.token).unwrap();
    said.push_str(&printed(&interaction.options::<Code>().unwrap_err()));
    for address in
        [TEXT.to_owned(), format!("https://{TEXT}:{NAME}@example.org"), format!("https://e.org/?{TEXT}")]
    {
        said.push_str(&printed(&address.parse::<ApiBase>().unwrap_err()));
        said.push_str(&printed(&address.parse::<GatewayUrl>().unwrap_err()));
    }
    Search::for_all().must_be_vain("an error", &said);
    assert!(said.len() > 500, "there is something to look at");
}
