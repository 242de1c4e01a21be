//! A stranger's picture → a small PNG of our own making. Nothing of the original's bytes is handed on: what a browser
//! could take for a script or a page in it, and what its author did not know was in it (where a photograph was taken),
//! ends here.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use image::codecs::png::PngEncoder;
use image::error::{ImageFormatHint, LimitError, LimitErrorKind};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, ImageResult,
    Limits, guess_format,
};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// No side of a logo is longer, in pixels: twice what pages show, for dense screens.
const LOGO_SIDE: u32 = 96;

/// The sides of a person's picture, in pixels, unless the original is smaller.
const PHOTO_SIDE: u32 = 256;

/// What an original may be at most. A few kilobytes can announce gigabytes of pixels.
struct Bounds {
    /// The longest side, in pixels.
    side: u32,
    /// Pixels in all.
    pixels: u64,
    /// The same of a progressive JPEG, which is gone through a hundred times at worst.
    progressive_pixels: u64,
    /// Memory for decoding.
    decoded_bytes: u64,
}

/// A logo with 16 bits a channel, and as much again for the decoder.
const LOGO: Bounds = Bounds {
    side: 2048,
    pixels: 2048 * 2048,
    progressive_pixels: 2048 * 2048,
    decoded_bytes: 64 * 1024 * 1024,
};

/// What telephones make of five megabytes, with 8 bits a channel. They write no progressive JPEGs; sites do, and smaller ones.
const PHOTO: Bounds = Bounds {
    side: 10_000,
    pixels: 25_000_000,
    progressive_pixels: 12_000_000,
    decoded_bytes: 96 * 1024 * 1024,
};

/// How long somebody waits for their picture: for its turn, and for the work.
const PHOTO_TIME: Duration = Duration::from_secs(10);

/// What is decoded. SVG is not among them: it is a program. Nor is WebP: its decoder (image-webp 0.2) believes the frame
/// inside before it compares it with the size outside, and a chunk's word about its length, so 110 bytes can ask for
/// gigabytes whatever the limits say.
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif];

/// Reads a logo by what it is, not by what it is called, and draws it small. Of a moving one, the first frame.
/// Computes for a while: call it on a blocking thread.
///
/// # Errors
/// When it is none of the formats, is broken, or exceeds a limit.
pub(crate) fn small_png(bytes: &[u8]) -> ImageResult<Vec<u8>> {
    let (picture, orientation) = decode(bytes, &LOGO)?;
    let mut small = if picture.width().max(picture.height()) > LOGO_SIDE {
        picture.thumbnail(LOGO_SIDE, LOGO_SIDE)
    } else {
        picture
    };
    small.apply_orientation(orientation);
    encode(small)
}

/// Why a picture of a person is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoFault {
    /// It is none of the formats, whatever it is called.
    NotAPicture,
    /// It has more pixels than are looked at.
    TooManyPixels,
    /// It ends too early, or is damaged.
    Broken,
}

impl From<ImageError> for PhotoFault {
    fn from(error: ImageError) -> PhotoFault {
        match error {
            ImageError::Unsupported(_) => PhotoFault::NotAPicture,
            ImageError::Limits(_) => PhotoFault::TooManyPixels,
            _ => PhotoFault::Broken,
        }
    }
}

/// Why no picture was made, though the file may be good: too many came at once.
#[derive(Debug, thiserror::Error)]
#[error("pictures wait for their turn for too long")]
pub struct Crowded;

/// Draws pictures of people, one at a time: each may take a hundred megabytes and a second.
#[derive(Debug, Clone)]
pub struct Darkroom {
    turn: Arc<Semaphore>,
}

impl Default for Darkroom {
    fn default() -> Darkroom {
        Darkroom {
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Darkroom {
    /// A square PNG of the middle of a picture, upright, on a blocking thread.
    ///
    /// # Errors
    /// When it did not get its turn in time; inside, what is wrong with the picture.
    pub async fn square_png(&self, bytes: Vec<u8>) -> Result<Result<Vec<u8>, PhotoFault>, Crowded> {
        // The permit stays with the thread: a picture that exceeds its time still occupies the processor.
        let Ok(Ok(permit)) = timeout(PHOTO_TIME, Arc::clone(&self.turn).acquire_owned()).await else {
            return Err(Crowded);
        };
        let drawing = tokio::task::spawn_blocking(move || {
            let drawn = square_png(&bytes);
            drop(permit);
            drawn
        });
        match timeout(PHOTO_TIME, drawing).await {
            Ok(drawn) => Ok(drawn.unwrap_or(Err(PhotoFault::Broken))),
            Err(_) => Err(Crowded),
        }
    }
}

fn square_png(bytes: &[u8]) -> Result<Vec<u8>, PhotoFault> {
    let (picture, orientation) = decode(bytes, &PHOTO)?;
    let (width, height) = (picture.width(), picture.height());
    let short = width.min(height);
    let scaled = if short > PHOTO_SIDE {
        // Upright or not makes no difference to what covers a square. No side is longer than 10,000, so nothing overflows.
        let scale = |side: u32| side * PHOTO_SIDE / short;
        picture.thumbnail_exact(scale(width), scale(height))
    } else {
        picture
    };
    let side = short.min(PHOTO_SIDE);
    let (left, top) = ((scaled.width() - side) / 2, (scaled.height() - side) / 2);
    let mut square = scaled.crop_imm(left, top, side, side);
    square.apply_orientation(orientation);
    Ok(encode(square)?)
}

fn encode(picture: DynamicImage) -> ImageResult<Vec<u8>> {
    let pixels = picture.into_rgba8();
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(
        pixels.as_raw(),
        pixels.width(),
        pixels.height(),
        ExtendedColorType::Rgba8,
    )?;
    Ok(png)
}

fn decode(bytes: &[u8], bounds: &Bounds) -> ImageResult<(DynamicImage, Orientation)> {
    let format = guess_format(bytes)?;
    if !FORMATS.contains(&format) {
        return Err(ImageError::Unsupported(ImageFormatHint::Exact(format).into()));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(bounds.side);
    limits.max_image_height = Some(bounds.side);
    limits.max_alloc = Some(bounds.decoded_bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    let pixels = match format == ImageFormat::Jpeg && is_progressive(bytes) {
        true => bounds.progressive_pixels,
        false => bounds.pixels,
    };
    if u64::from(width) * u64::from(height) > pixels {
        return Err(ImageError::Limits(LimitError::from_kind(
            LimitErrorKind::DimensionError,
        )));
    }
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// Whether the frame of a JPEG comes in scans that each tell a little more of all of it (ITU-T T.81, table B.1: SOF2, and
/// the kinds like it). What cannot be followed to its frame counts as such.
fn is_progressive(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        match rest {
            // Fill bytes.
            [0xFF, 0xFF, ..] => rest = &rest[1..],
            [0xFF, 0xC0 | 0xC1, ..] => return false,
            // Neither of these has a length.
            [0xFF, 0x01 | 0xD0..=0xD8, ..] => rest = &rest[2..],
            // The other frames; and a scan or an end before any frame.
            [
                0xFF,
                0xC2 | 0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xD9 | 0xDA,
                ..,
            ] => return true,
            [0xFF, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(2 + length..).unwrap_or_default();
            }
            _ => return true,
        }
    }
}

#[cfg(test)]
mod tests;
