//! Tells cargo to rebuild when a file is added to a folder that is compiled into the binary: `include_dir` notices
//! edits by itself, but not new files.

fn main() {
    for folder in ["templates", "static", "locales", "scopes"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
