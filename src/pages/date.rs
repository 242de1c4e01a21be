//! The template function `date(at=seconds)`: a day in words, in the way of the language, from Unix seconds. Days are
//! UTC days: the server does not know the visitor's time zone; the one page that needs hours says so.

use tera::{Error, Function, Kwargs, State, TeraResult};
use time::OffsetDateTime;

use super::messages::{Locale, fill, message};

pub(super) struct LongDate(Locale);

impl LongDate {
    pub(super) fn new(locale: Locale) -> Self {
        LongDate(locale)
    }
}

impl Function<TeraResult<String>> for LongDate {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<String> {
        long_date(&self.0, kwargs.must_get("at")?)
    }
}

/// The template function `utc_time(at=seconds)`: hour and minute, the same in every language.
pub(super) struct UtcTime;

impl Function<TeraResult<String>> for UtcTime {
    fn call(&self, kwargs: Kwargs, _: &State) -> TeraResult<String> {
        utc_time(kwargs.must_get("at")?)
    }
}

fn utc_time(at: i64) -> TeraResult<String> {
    let at = OffsetDateTime::from_unix_timestamp(at).map_err(|error| Error::message(error.to_string()))?;
    Ok(format!("{:02}:{:02} UTC", at.hour(), at.minute()))
}

fn long_date(locale: &Locale, at: i64) -> TeraResult<String> {
    let day = OffsetDateTime::from_unix_timestamp(at).map_err(|error| Error::message(error.to_string()))?;
    fill(message(locale, "date.long")?, |part| match part {
        "day" => Ok(day.day().to_string()),
        "month" => Ok(message(locale, &format!("date.months.{}", u8::from(day.month())))?.to_owned()),
        "year" => Ok(day.year().to_string()),
        other => Err(Error::message(format!("date.long: unknown part {{{other}}}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::messages::embedded;

    #[test]
    fn a_date_is_written_in_the_way_of_the_language() {
        let cases = [
            ("en", 1_795_305_600, "22 November 2026"),
            ("ja", 1_795_305_600, "2026年11月22日"),
            ("en", 0, "1 January 1970"),
            ("en", 1_795_391_999, "22 November 2026"),
            ("ja", 1_795_392_000, "2026年11月23日"),
        ];
        let locales = embedded().unwrap();
        for (tag, at, expected) in cases {
            let locale = locales.iter().find(|locale| locale.language.tag() == tag).unwrap();
            assert_eq!(long_date(locale, at).unwrap(), expected);
        }
    }

    #[test]
    fn a_time_says_that_it_is_not_the_visitors() {
        assert_eq!(utc_time(1_795_305_600 + 3661).unwrap(), "01:01 UTC");
    }

    #[test]
    fn every_month_has_a_name_in_every_language() {
        for locale in embedded().unwrap() {
            for month in 1..=12 {
                assert!(message(&locale, &format!("date.months.{month}")).is_ok());
            }
        }
    }

    #[test]
    fn a_second_outside_the_calendar_is_an_error() {
        assert!(long_date(&embedded().unwrap()[0], i64::MAX).is_err());
    }
}
