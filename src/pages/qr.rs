//! A text as a QR code, drawn with one path: no style, no script, nothing that the strictest policy forbids.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

/// Empty modules around it, as the standard wants them.
const QUIET: usize = 4;

/// A QR code.
#[derive(Debug, Clone, Serialize)]
pub struct QrPicture {
    /// Width and height, quiet zone included.
    pub size: usize,
    /// The dark modules: the `d` of an SVG path.
    pub path: String,
}

impl QrPicture {
    /// Draws a text; `None` when it is too long for any code.
    pub fn of(text: &str) -> Option<QrPicture> {
        // A screen is not torn or stained: the least correction makes the largest modules.
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let (width, colors) = (code.width(), code.to_colors());
        let mut path = String::new();
        for (y, row) in colors.chunks(width).enumerate() {
            let mut x = 0;
            while x < width {
                let run = row[x..].iter().take_while(|color| **color == Color::Dark).count();
                if run > 0 {
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        Some(QrPicture {
            size: width + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a path paints.
    fn painted(picture: &QrPicture) -> Vec<bool> {
        let mut modules = vec![false; picture.size * picture.size];
        for run in picture.path.split('M').skip(1) {
            let (at, rest) = run.split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let (length, _) = rest.split_once('v').unwrap();
            for step in 0..length.parse().unwrap() {
                modules[y * picture.size + x + step] = true;
            }
        }
        modules
    }

    #[test]
    fn the_path_paints_exactly_the_dark_modules_with_a_quiet_zone() {
        let text = "otpauth://totp/id.example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example";
        let picture = QrPicture::of(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let (width, colors) = (code.width(), code.to_colors());
        assert_eq!(picture.size, width + 8);
        for (place, dark) in painted(&picture).into_iter().enumerate() {
            let (x, y) = (place % picture.size, place / picture.size);
            let inside = (4..4 + width).contains(&x) && (4..4 + width).contains(&y);
            let expected = inside && colors[(y - 4) * width + x - 4] == Color::Dark;
            assert_eq!(dark, expected, "{x} {y}");
        }
    }

    #[test]
    fn a_text_that_fits_no_code_has_no_picture() {
        assert!(QrPicture::of(&"x".repeat(10_000)).is_none());
    }
}
