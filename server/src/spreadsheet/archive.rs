//! The zip archive that an xlsx file is.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{MAX_FILE_BYTES, SpreadsheetError};

/// How many bytes all parts together may unpack to.
const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;

/// How many bytes a part may unpack to that is neither a sheet nor the texts of all sheets. The reader makes large
/// values of small elements of the styles.
const MAX_SMALL_PART_BYTES: u64 = 2 * 1024 * 1024;

/// How many parts there may be.
const MAX_PARTS: usize = 2_000;

/// How many texts the table of texts may claim to hold. The reader makes room for them before it reads them.
const MAX_CLAIMED_TEXTS: u64 = 2_000_000;

/// Refuses an archive that would take much memory or time to read. Sizes are measured by unpacking, since those that an
/// archive declares may be wrong.
///
/// # Errors
///
/// Returns a [`SpreadsheetError`] that names the part.
pub(super) fn check(bytes: &[u8]) -> Result<(), SpreadsheetError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(SpreadsheetError::TooLarge { bytes: bytes.len().try_into().unwrap_or(u64::MAX) });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > MAX_PARTS {
        return Err(SpreadsheetError::TooMuch { what: "parts", limit: MAX_PARTS });
    }
    let mut left = MAX_UNPACKED_BYTES;
    let mut unpacked = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.into_owned();
        let is_large = name.contains("/worksheets/") || name.ends_with("sharedStrings.xml");
        let is_read = name.ends_with(".xml") || name.ends_with(".rels");
        let limit = if is_large || !is_read { left } else { left.min(MAX_SMALL_PART_BYTES) };
        if part.size() > limit {
            return Err(SpreadsheetError::Unpacked { part: name, limit });
        }
        unpacked.clear();
        part.take(limit.saturating_add(1)).read_to_end(&mut unpacked).map_err(|error| unreadable(error.into()))?;
        let size = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
        if size > limit {
            return Err(SpreadsheetError::Unpacked { part: name, limit });
        }
        left = left.saturating_sub(size);
        if is_read {
            check_xml(&name, &unpacked)?;
        }
    }
    Ok(())
}

/// Refuses XML in which the check below would not see what the reader sees, and a table of texts that claims to hold
/// more than it can.
fn check_xml(name: &str, xml: &[u8]) -> Result<(), SpreadsheetError> {
    let head = xml.get(..xml.len().min(256)).unwrap_or_default().to_ascii_lowercase();
    let is_utf_8 = match find(&head, b"encoding") {
        None => !xml.starts_with(&[0xFE, 0xFF]) && !xml.starts_with(&[0xFF, 0xFE]),
        Some(at) => find(head.get(at..).unwrap_or_default(), b"utf-8").is_some_and(|distance| distance < 16),
    };
    if !is_utf_8 || head.contains(&0) {
        let reason = format!("{name} is not written in UTF-8");
        return Err(SpreadsheetError::Unreadable { format: "xlsx", reason });
    }
    const CLAIM: &[u8] = b"uniqueCount";
    let mut rest = xml;
    while let Some(at) = find(rest, CLAIM) {
        rest = rest.get(at + CLAIM.len()..).unwrap_or_default();
        let claimed = rest
            .iter()
            .copied()
            .skip_while(|byte| matches!(byte, b'=' | b' ' | b'"' | b'\'' | b'\n' | b'\t' | b'\r' | b'+'));
        let digits = claimed.take_while(u8::is_ascii_digit);
        let count = digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
        if count > MAX_CLAIMED_TEXTS {
            return Err(SpreadsheetError::TooMuch { what: "texts", limit: 2_000_000 });
        }
    }
    Ok(())
}

/// Puts `content` in place of the part `name`.
///
/// # Errors
///
/// Returns a [`SpreadsheetError`] when the archive can't be read or written.
pub(super) fn rewrite(bytes: &[u8], name: &str, edit: impl Fn(&str) -> String) -> Result<Vec<u8>, SpreadsheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(unreadable)?;
        if part.name().is_ok_and(|other| other == name) {
            let mut text = String::new();
            part.read_to_string(&mut text).map_err(|error| unreadable(error.into()))?;
            writer.start_file(name, SimpleFileOptions::default()).map_err(unwritable)?;
            writer.write_all(edit(&text).as_bytes()).map_err(|error| unwritable(error.into()))?;
        } else {
            writer.raw_copy_file(part).map_err(unwritable)?;
        }
    }
    Ok(writer.finish().map_err(unwritable)?.into_inner())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn unreadable(error: zip::result::ZipError) -> SpreadsheetError {
    SpreadsheetError::Unreadable { format: "xlsx", reason: error.to_string() }
}

fn unwritable(error: zip::result::ZipError) -> SpreadsheetError {
    SpreadsheetError::Unwritable(error.to_string())
}
