//! Documents that are made from the code are as the code says.

use std::fs;
use std::path::Path;

fn document(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_example_configuration_lists_every_setting_with_its_default() {
    let wanted = chaperone::config::example();
    assert!(
        document("config.example.toml") == wanted,
        "config.example.toml is not what the code says; it should read:\n{wanted}"
    );
}

/// The tests that ARCHITECTURE.md names, in backticks after a full stop: `module::…::name` of `tests/`, or of `src` where
/// the path ends in `tests::name`.
#[test]
fn every_test_that_the_architecture_names_is_there() {
    let architecture = document("ARCHITECTURE.md");
    let invariants = architecture
        .split("## Invariants")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("they are there");
    let named: Vec<&str> = invariants.split('`').skip(1).step_by(2).filter(|name| is_a_test(name)).collect();
    assert!(named.len() >= 10, "only {named:?}");
    for name in named {
        let (module, test) = name.rsplit_once("::").unwrap_or(("", name));
        let folder = if module.ends_with("::tests") { "src" } else { "tests" };
        let place = module.trim_end_matches("::tests").replace("::", "/");
        let found = [format!("{folder}/{place}.rs"), format!("{folder}/{place}/mod.rs")]
            .iter()
            .filter_map(|path| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok())
            .any(|source| source.contains(&format!("fn {test}(")));
        let path = name.replace("::", "/");
        let is_module = [format!("tests/{path}.rs"), format!("tests/{path}/mod.rs")]
            .iter()
            .any(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists());
        assert!(found || is_module, "ARCHITECTURE.md names `{name}`, which is not there");
    }
}

fn is_a_test(name: &str) -> bool {
    let first = name.split("::").next().unwrap_or_default();
    matches!(
        first,
        "architecture" | "corpus" | "stories" | "storage" | "privacy" | "documents" | "discord" | "sandbox"
    ) && !name.contains(['/', '('])
}
