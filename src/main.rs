//! The binary: everything is in the library.

// glibc keeps the memory of every password that was ever hashed at once; see docs/architecture.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> std::process::ExitCode {
    match vestibule::cli::run().await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            let mut err = std::io::stderr().lock();
            // If even this fails there is nobody left to tell.
            let _ = std::io::Write::write_fmt(&mut err, format_args!("{error:#}\n"));
            std::process::ExitCode::FAILURE
        }
    }
}
