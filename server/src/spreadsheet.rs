//! Spreadsheet files: from bytes to a [`Workbook`] and back.
//!
//! What a workbook means is [`coval_shared::spreadsheet`]'s matter. Here are the file formats, and the bounds on what a
//! stranger's file may ask for.

mod archive;
mod read;
mod write;

use coval_shared::spreadsheet::{ImportError, Workbook};

pub use read::{MAX_CELLS, read_csv, read_xlsx};
pub use write::write_xlsx;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;

/// Why a spreadsheet file can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpreadsheetError {
    /// The file is larger than any model is.
    #[error("the file has {bytes} bytes, and at most {MAX_FILE_BYTES} are read; take out what the model does not need")]
    TooLarge {
        /// How many bytes it has.
        bytes: u64,
    },
    /// A file inside the file unpacks to more than any model needs, as a zip bomb does.
    #[error("{part} unpacks to more than {limit} bytes; save the workbook anew with only the model's sheets")]
    Unpacked {
        /// The part.
        part: String,
        /// How many bytes are read.
        limit: u64,
    },
    /// There is more in it than any model has.
    #[error("the workbook has more than {limit} {what}; take out what the model does not need")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much is read.
        limit: usize,
    },
    /// The bytes are not of the format.
    #[error("this is no {format} file that can be read: {reason}")]
    Unreadable {
        /// The format.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// There is no model in it.
    #[error(transparent)]
    NoModel(#[from] ImportError),
    /// The workbook can't be written.
    #[error("the workbook can't be written: {0}")]
    Unwritable(String),
}

/// Reads a spreadsheet file by its content: xlsx files begin as zip archives do, everything else is taken for csv.
///
/// # Errors
///
/// Returns a [`SpreadsheetError`] when the file is too large, or is not of its format.
pub fn read(bytes: &[u8]) -> Result<Workbook, SpreadsheetError> {
    /// How files of Excel before 2007, and those with a password, begin.
    const COMPOUND_FILE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];
    if bytes.starts_with(COMPOUND_FILE) {
        let reason = "it is one of Excel before 2007, or has a password; save it as xlsx without one".to_owned();
        return Err(SpreadsheetError::Unreadable { format: "xlsx", reason });
    }
    if bytes.starts_with(b"PK") { read_xlsx(bytes) } else { read_csv(bytes) }
}
