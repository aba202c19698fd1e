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
