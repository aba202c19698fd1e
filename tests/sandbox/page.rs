//! The page, as it is served.

use chaperone::sandbox::Sandbox;

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let town = Sandbox::start().await;
    let page = reqwest::get(town.base()).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    let mut all = page.text().await.unwrap();
    for part in ["page.css", "page.js"] {
        let part = reqwest::get(format!("{}/sandbox/{part}", town.base())).await.unwrap();
        all.push_str(&part.text().await.unwrap());
    }
    assert!(
        !all.contains("https://") && !all.contains("innerHTML"),
        "texts are set as texts, from here only"
    );
}
