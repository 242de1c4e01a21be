//! Mastodon's dialect, as its clients speak it and as its server answers.
