//! What spreadsheets put on the clipboard: rows of fields between tabs, quoted as Excel and Google Sheets quote them.

/// The most bytes that can be pasted.
pub const MOST_BYTES: usize = 4_000_000;

/// The most cells that one paste or fill changes.
pub const MOST_CELLS: usize = 20_000;

/// A block of texts: rows of fields.
pub type Table = Vec<Vec<String>>;

/// Reads a block of fields. A field in quotes may hold tabs and line ends, and a quote twice. A line end at the very end
/// begins no row.
#[must_use]
pub fn read(text: &str) -> Table {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    while !rest.is_empty() {
        let (field, after) = quoted(rest).unwrap_or_else(|| plain(rest));
        row.push(field);
        if let Some(after) = after.strip_prefix('\t') {
            rest = after;
            if rest.is_empty() {
                row.push(String::new());
            }
            continue;
        }
        rows.push(std::mem::take(&mut row));
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows
}

/// Writes a block of fields, so that [`read`] and other programs get the same back.
#[must_use]
pub fn write(table: &Table) -> String {
    let row = |row: &Vec<String>| row.iter().map(|field| in_quotes(field)).collect::<Vec<_>>().join("\t");
    table.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// Writes the same as a table of HTML. `entries` are what each field was made of, for a paste into a model.
#[must_use]
pub fn write_html(table: &Table, entries: &Table) -> String {
    let mut html = String::from("<table data-coval=\"1\"><tbody>");
    for (row, entries) in table.iter().zip(entries) {
        html.push_str("<tr>");
        for (field, entry) in row.iter().zip(entries) {
            html.push_str(&format!("<td data-entry=\"{}\">{}</td>", escaped(entry), escaped(field)));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    html
}

/// A field as a person would type it: no blanks around it, no currency sign, and no dash that stands for nothing.
#[must_use]
pub fn as_typed(field: &str) -> String {
    const CURRENCIES: [&str; 9] = ["US$", "NT$", "HK$", "$", "€", "£", "¥", "₩", "₹"];
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{a0}' | '\u{202f}' | '\u{200e}' | '\u{200f}');
    let field = field.trim_matches(is_blank);
    if matches!(field, "-" | "–" | "—") {
        return String::new();
    }
    let (sign, amount) = match field.strip_prefix(['-', '\u{2212}']) {
        Some(amount) => ("-", amount),
        None => ("", field),
    };
    let (open, amount) = match amount.strip_prefix('(') {
        Some(amount) => ("(", amount),
        None => ("", amount),
    };
    let bare =
        CURRENCIES.iter().find_map(|currency| amount.strip_prefix(currency)).map(|bare| bare.trim_matches(is_blank));
    match bare {
        Some(bare) if bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') => format!("{sign}{open}{bare}"),
        // A minus of typography is a minus.
        _ if amount.starts_with(|c: char| c.is_ascii_digit()) => format!("{sign}{open}{amount}"),
        _ => field.to_owned(),
    }
}

/// A field that begins with a quote, and what follows it; nothing if its quotes are not those of a field.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut field = String::new();
    let mut rest = inner;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None if after.is_empty() || after.starts_with(['\t', '\n', '\r']) => return Some((field, after)),
            None => return None,
        }
    }
}

fn plain(text: &str) -> (String, &str) {
    let end = text.find(['\t', '\n', '\r']).unwrap_or(text.len());
    let (field, after) = text.split_at(end);
    (field.to_owned(), after)
}

fn in_quotes(field: &str) -> String {
    if field.contains(['\t', '\n', '\r']) || field.starts_with('"') {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn table(rows: &[&[&str]]) -> Table {
        rows.iter().map(|row| row.iter().map(|field| (*field).to_owned()).collect()).collect()
    }

    #[test]
    fn what_excel_and_sheets_copy_is_read() {
        assert_eq!(read("1\t2\r\n3\t4\r\n"), table(&[&["1", "2"], &["3", "4"]]));
        assert_eq!(
            read("a\t\"two\nlines\"\n\"say \"\"hi\"\"\"\t"),
            table(&[&["a", "two\nlines"], &["say \"hi\"", ""]])
        );
        assert_eq!(read("7"), table(&[&["7"]]));
        assert_eq!(read("\n1"), table(&[&[""], &["1"]]));
        assert_eq!(read(""), Table::new());
    }

    #[test]
    fn quotes_that_are_no_fields_stay() {
        assert_eq!(read("\"a\" b\tc"), table(&[&["\"a\" b", "c"]]));
        assert_eq!(read("\"open"), table(&[&["\"open"]]));
        assert_eq!(read("5\" pipe"), table(&[&["5\" pipe"]]));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let odd = table(&[&["", "a\tb", "\"q\""], &["x\ny", "𐍈 مرحبا", "<script>"]]);
        assert_eq!(read(&write(&odd)), odd);
    }

    #[test]
    fn html_holds_texts_and_no_tags_of_theirs() {
        let html = write_html(&table(&[&["<b>"]]), &table(&[&["=\"x\""]]));
        assert_eq!(
            html,
            "<table data-coval=\"1\"><tbody><tr><td data-entry=\"=&quot;x&quot;\">&lt;b&gt;</td></tr></tbody></table>"
        );
    }

    #[test]
    fn amounts_are_taken_as_somebody_would_type_them() {
        for (field, typed) in [
            (" 1,234.5\u{a0}", "1,234.5"),
            ("$1,234", "1,234"),
            ("-$5", "-5"),
            ("\u{2212}7", "-7"),
            ("($12)", "(12)"),
            ("NT$ 30", "30"),
            ("-", ""),
            ("$name", "$name"),
            ("=a - b", "=a - b"),
            ("7.5%", "7.5%"),
        ] {
            assert_eq!(as_typed(field), typed, "{field}");
        }
    }
}
