//! JSON Pointer, RFC 6901.

use serde_json::Value;

use crate::json::path::{Path, PathSegment};

/// The steps of a pointer; nothing when it is not one.
pub(super) fn parse(pointer: &str) -> Option<Vec<String>> {
    let Some(rest) = pointer.strip_prefix('/') else {
        return pointer.is_empty().then(Vec::new);
    };
    rest.split('/').map(unescaped).collect()
}

fn unescaped(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match part.as_bytes().first()? {
            b'0' => ('~', part.get(1..)?),
            b'1' => ('/', part.get(1..)?),
            _ => return None,
        };
        text.push(character);
        text.push_str(rest);
    }
    Some(text)
}

/// The pointer of a path.
pub(super) fn write(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in &path.0 {
        pointer.push('/');
        match segment {
            PathSegment::Index(index) => pointer.push_str(&index.to_string()),
            PathSegment::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
        }
    }
    pointer
}

/// An index of a list, without a sign and without zeros before it.
pub(super) fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|byte| byte.is_ascii_digit())).then(|| token.parse().ok())?
}

/// The step that a token is into `value`; nothing when it leads nowhere, whatever is in `value`. The end of a list is
/// its length.
pub(super) fn step(value: &Value, token: &str) -> Option<PathSegment> {
    match value {
        Value::Object(_) => Some(PathSegment::from(token)),
        Value::Array(items) if token == "-" => Some(PathSegment::Index(items.len())),
        Value::Array(_) => index(token).map(PathSegment::Index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn a_pointer_is_escaped_and_read_back() {
        assert_eq!(write(&path!["a/b", "m~n", "", 0]), "/a~1b/m~0n//0");
        assert_eq!(parse("/a~1b/m~0n//~01").unwrap(), ["a/b", "m~n", "", "~1"]);
        assert_eq!(parse("").unwrap(), Vec::<String>::new());
        assert_eq!((parse("a"), parse("/~"), parse("/~2")), (None, None, None));
    }

    #[test]
    fn an_index_has_no_zeros_before_it() {
        assert_eq!((index("0"), index("10")), (Some(0), Some(10)));
        assert_eq!((index("01"), index("-1"), index(""), index("1e0")), (None, None, None, None));
    }
}
