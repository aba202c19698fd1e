//! Builds again when a rule file is added or removed: they are embedded by folder, which cargo cannot see by itself.

fn main() {
    println!("cargo::rerun-if-changed=patterns");
}
