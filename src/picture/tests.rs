use image::codecs::gif::GifEncoder;
use image::{Frame, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

const RED: Rgba<u8> = Rgba([200, 30, 30, 255]);
const BLUE: Rgba<u8> = Rgba([30, 30, 200, 255]);

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(RgbaImage::from_pixel(width, height, RED), ImageFormat::Png)
}

fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(guess_format(png).unwrap(), ImageFormat::Png);
    let picture = image::load_from_memory(png).unwrap();
    (picture.width(), picture.height())
}

/// A chunk of a PNG file, with its check sum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [kind, data].concat();
    let sum = !named.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    });
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &named, &sum.to_be_bytes()].concat()
}

/// Signature and header of a PNG file.
const HEAD: usize = 8 + 25;

fn with_chunk(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    [&png[..HEAD], chunk, &png[HEAD..]].concat()
}

/// The start of a file that says to have so many pixels.
fn announcing(width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    [
        &b"\x89PNG\r\n\x1a\n"[..],
        &chunk(b"IHDR", &header),
        &chunk(b"IDAT", &[0x78, 0x9c]),
    ]
    .concat()
}

#[test]
fn every_format_becomes_a_small_png() {
    let picture = DynamicImage::from(RgbImage::from_pixel(300, 150, Rgb([200, 30, 30])));
    for format in FORMATS {
        let small = small_png(&encoded(picture.clone(), format)).unwrap();
        assert_eq!(size(&small), (96, 48), "{format:?}");
        let pixel = image::load_from_memory(&small).unwrap().into_rgba8()[(40, 20)];
        let near = pixel.0.iter().zip(RED.0).all(|(is, was)| is.abs_diff(was) < 12);
        assert!(near, "{format:?}: {pixel:?}");
    }
}

#[test]
fn pictures_keep_their_shape_and_small_ones_their_size() {
    for (original, result) in [
        ((96, 96), (96, 96)),
        ((97, 97), (96, 96)),
        ((16, 32), (16, 32)),
        ((1, 1), (1, 1)),
        ((2048, 1), (96, 1)),
        ((1, 2048), (1, 96)),
        ((2048, 2048), (96, 96)),
    ] {
        assert_eq!(
            size(&small_png(&png(original.0, original.1)).unwrap()),
            result,
            "{original:?}"
        );
    }
}

#[test]
fn more_pixels_than_a_logo_needs_are_refused_by_their_announcement() {
    for (width, height) in [(2049, 1), (1, 2049), (50_000, 50_000), (u32::MAX >> 1, u32::MAX >> 1)] {
        assert!(small_png(&announcing(width, height)).is_err(), "{width} {height}");
    }
    assert!(small_png(&png(2049, 1)).is_err());
    let jpeg = encoded(RgbImage::new(2049, 8), ImageFormat::Jpeg);
    let gif = encoded(RgbaImage::new(2049, 8), ImageFormat::Gif);
    for bytes in [jpeg, gif] {
        assert!(small_png(&bytes).is_err());
    }
}

#[test]
fn other_things_are_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let xml = br#"<?xml version="1.0"?><svg/>"#;
    let icon = [
        0, 0, 1, 0, 1, 0, 255, 255, 0, 0, 1, 0, 32, 0, 255, 255, 255, 255, 255, 255, 255, 255,
    ];
    // A sound one of one pixel: its decoder is not to be trusted with what is unsound.
    let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
    let good = png(200, 200);
    for bytes in [
        &b""[..],
        svg,
        xml,
        b"<!doctype html><script>alert(1)</script>",
        b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        webp,
        &icon,
        &good[..40],
        &good[..HEAD],
    ] {
        assert!(small_png(bytes).is_err(), "{:?}", &bytes[..bytes.len().min(20)]);
    }
}

#[test]
fn of_a_moving_picture_the_first_frame_counts() {
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for colour in [RED, BLUE] {
        encoder
            .encode_frame(Frame::new(RgbaImage::from_pixel(20, 20, colour)))
            .unwrap();
    }
    drop(encoder);
    let control = [
        &[0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 20][..],
        &[0; 8],
        &[0, 1, 0, 10, 0, 0],
    ]
    .concat();
    let animated = with_chunk(&png(20, 20), &chunk(b"fcTL", &control));
    let apng = with_chunk(&animated, &chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    for bytes in [gif, apng] {
        let small = image::load_from_memory(&small_png(&bytes).unwrap())
            .unwrap()
            .into_rgba8();
        assert_eq!(small.dimensions(), (20, 20));
        assert!(
            small[(10, 10)].0[0] > 150 && small[(10, 10)].0[2] < 80,
            "{:?}",
            small[(10, 10)]
        );
    }
}

#[test]
fn nothing_of_the_original_is_handed_on() {
    let script = b"<script>alert(1)</script>";
    let commented = with_chunk(&png(20, 20), &chunk(b"tEXt", &[&b"Comment\0"[..], script].concat()));
    let polyglot = [&commented[..], script].concat();
    let small = small_png(&polyglot).unwrap();
    assert!(!small.windows(script.len()).any(|window| window == script));
    assert!(!small.windows(4).any(|window| window == b"tEXt"));
}

#[test]
fn a_portrait_is_the_middle_of_the_picture() {
    let mut wide = RgbaImage::from_pixel(900, 300, BLUE);
    for (_, _, pixel) in wide.enumerate_pixels_mut().filter(|(x, _, _)| (300..600).contains(x)) {
        *pixel = RED;
    }
    let tall = image::imageops::rotate90(&wide);
    for picture in [wide, tall] {
        let square = square_png(&encoded(picture, ImageFormat::Png)).unwrap();
        assert_eq!(size(&square), (256, 256));
        let pixels = image::load_from_memory(&square).unwrap().into_rgba8();
        for at in [(4, 4), (251, 4), (4, 251), (251, 251)] {
            assert!(pixels[at].0[0] > 150, "{at:?} {:?}", pixels[at]);
        }
    }
}

#[test]
fn portraits_are_square_and_never_larger_than_the_original() {
    for ((width, height), side) in [
        ((256, 256), 256),
        ((257, 257), 256),
        ((1000, 257), 256),
        ((100, 200), 100),
        ((1, 1), 1),
        ((10_000, 1), 1),
        ((1, 10_000), 1),
        ((4000, 3000), 256),
    ] {
        let square = square_png(&png(width, height)).unwrap();
        assert_eq!(size(&square), (side, side), "{width} {height}");
    }
}

#[test]
fn a_portrait_is_refused_for_what_is_wrong_with_it() {
    let good = png(20, 20);
    for (bytes, fault) in [
        (&b""[..], PhotoFault::NotAPicture),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", PhotoFault::NotAPicture),
        (b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0", PhotoFault::NotAPicture),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", PhotoFault::NotAPicture),
        (&announcing(50_000, 50_000), PhotoFault::TooManyPixels),
        (&announcing(10_001, 1), PhotoFault::TooManyPixels),
        (&announcing(9_000, 9_000), PhotoFault::TooManyPixels),
        (&announcing(20, 20), PhotoFault::Broken),
        (&good[..good.len() - 20], PhotoFault::Broken),
        (&good[..8], PhotoFault::Broken),
    ] {
        assert_eq!(
            square_png(bytes).unwrap_err(),
            fault,
            "{:?}",
            &bytes[..bytes.len().min(20)]
        );
    }
}

#[test]
fn a_portrait_has_so_many_pixels_at_most_and_fewer_when_it_is_progressive() {
    for (width, height, is_taken) in [(5712, 4284, true), (5000, 5001, false)] {
        let drawn = square_png(&png(width, height));
        assert_eq!(drawn.is_ok(), is_taken, "{width} {height} {:?}", drawn.err());
    }
    let baseline = encoded(RgbImage::from_pixel(4001, 3000, Rgb([1, 2, 3])), ImageFormat::Jpeg);
    assert!(square_png(&baseline).is_ok());
    let mut progressive = baseline;
    let frame = progressive
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .unwrap();
    progressive[frame + 1] = 0xC2;
    assert_eq!(square_png(&progressive).unwrap_err(), PhotoFault::TooManyPixels);
}

#[tokio::test]
async fn portraits_are_drawn_one_at_a_time() {
    let room = Darkroom::default();
    let turns = (0..4).map(|_| room.square_png(png(40, 20)));
    for drawn in futures_util::future::join_all(turns).await {
        assert_eq!(size(&drawn.unwrap().unwrap()), (20, 20));
    }
    assert_eq!(room.turn.available_permits(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_panic(at in 0_usize..200, byte: u8, cut in 0_usize..400, which in 0_usize..3) {
        let mut bytes = encoded(RgbImage::from_pixel(12, 12, Rgb([1, 2, 3])), FORMATS[which]);
        let at = at.min(bytes.len() - 1);
        bytes[at] = byte;
        bytes.truncate(bytes.len().saturating_sub(cut).max(at));
        if let Ok(small) = small_png(&bytes) {
            prop_assert_eq!(guess_format(&small).ok(), Some(ImageFormat::Png));
        }
        let _ = square_png(&bytes);
    }
}
