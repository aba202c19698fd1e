//! Arguments in, exit code out. What happens in between is `chaperone::cli`.

fn main() -> std::process::ExitCode {
    chaperone::cli::main()
}
