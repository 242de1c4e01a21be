//! A stranger's picture → a small PNG of our own making. Nothing of the original's bytes is handed on: what a browser
//! could take for a script or a page in it, and what its author did not know was in it, ends here.

use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::error::ImageFormatHint;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, ImageResult,
    Limits, guess_format,
};

/// No side of the result is longer, in pixels: twice what pages show, for dense screens.
pub(crate) const MAX_RESULT_SIDE: u32 = 96;

/// No side of the original may be longer. A few kilobytes can announce gigabytes of pixels.
const MAX_SIDE: u32 = 2048;

/// Memory for decoding: such a picture with 16 bits a channel, and as much again for the decoder.
const MAX_DECODED_BYTES: u64 = 64 * 1024 * 1024;

/// What is decoded. SVG is not among them: it is a program. Nor is WebP: its decoder (image-webp 0.2) believes the frame
/// inside before it compares it with the size outside, and a chunk's word about its length, so 110 bytes can ask for
/// gigabytes whatever the limits say.
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif];

/// Reads a picture by what it is, not by what it is called, and draws it small. Of a moving one, the first frame.
/// Computes for a while: call it on a blocking thread.
///
/// # Errors
/// When it is none of the formats, is broken, or exceeds a limit.
pub(crate) fn small_png(bytes: &[u8]) -> ImageResult<Vec<u8>> {
    let picture = decode(bytes)?;
    let small = if picture.width().max(picture.height()) > MAX_RESULT_SIDE {
        picture.thumbnail(MAX_RESULT_SIDE, MAX_RESULT_SIDE)
    } else {
        picture
    };
    let pixels = small.into_rgba8();
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(
        pixels.as_raw(),
        pixels.width(),
        pixels.height(),
        ExtendedColorType::Rgba8,
    )?;
    Ok(png)
}

fn decode(bytes: &[u8]) -> ImageResult<DynamicImage> {
    let format = guess_format(bytes)?;
    if !FORMATS.contains(&format) {
        return Err(ImageError::Unsupported(ImageFormatHint::Exact(format).into()));
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests;
