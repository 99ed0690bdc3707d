//! What settings have to be, so that a wrong one stops the start and not somebody's work.

use std::net::IpAddr;

/// The longest name of a host, a node or a channel, in bytes.
const NAME_BYTES: usize = 253;

/// An address or a name to listen on.
pub(super) fn host(text: &str) -> Result<String, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    if is_host_name(text) {
        return Ok(text.to_owned());
    }
    Err("give an address such as 127.0.0.1, 0.0.0.0 or ::, or a name, without scheme and port; --port has the port"
        .to_owned())
}

/// What browsers send as the origin of a page.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let hint = || {
        "an origin is http:// or https://, a host in small letters, and a port unless it is the usual one, without a path \
         or a slash at the end, as https://coval.example"
            .to_owned()
    };
    let (scheme, place) = text.split_once("://").ok_or_else(hint)?;
    let usual = match scheme {
        "https" => "443",
        "http" => "80",
        _ => return Err(hint()),
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let six = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match six {
        Some(six) => six.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host_name(host) && !host.chars().any(char::is_uppercase),
    };
    let is_port = port
        .is_none_or(|port| port != usual && !port.starts_with('0') && port.parse::<u16>().is_ok_and(|port| port > 0));
    if is_host && is_port { Ok(text.to_owned()) } else { Err(hint()) }
}

/// The name of a node, or what those of channels begin with.
pub(super) fn name(text: &str) -> Result<String, String> {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "-_.:".contains(character);
    if !text.is_empty() && text.len() <= NAME_BYTES && text.chars().all(is_fine) {
        return Ok(text.to_owned());
    }
    Err(format!("a name is 1 to {NAME_BYTES} letters, digits, and characters of -_.:"))
}

fn is_host_name(text: &str) -> bool {
    text.len() <= NAME_BYTES
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.len() <= 63
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
        })
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use clap::Parser;

    /// What the program says of such a setting; nothing when it takes it.
    fn complaint(flag: &str, value: &str) -> Option<String> {
        let setting = format!("{flag}={value}");
        Cli::try_parse_from(["coval", "serve", setting.as_str()]).err().map(|error| error.to_string())
    }

    #[test]
    fn settings_that_can_be_used_are_taken() {
        for host in ["127.0.0.1", "0.0.0.0", "::", "[::1]", "localhost", "coval.example", "coval_1"] {
            assert_eq!(complaint("--host", host), None);
        }
        for origin in ["https://coval.example", "http://127.0.0.1:8080", "http://[::1]:8080", "https://a.b:8443"] {
            assert_eq!(complaint("--allow-origin", origin), None);
        }
        assert_eq!(complaint("--allow-origin", "https://a.example,https://b.example"), None);
        for name in ["node-1", "a.b:c_d", "0199"] {
            assert_eq!((complaint("--node", name), complaint("--redis-prefix", name)), (None, None));
        }
        assert_eq!(complaint("--limit-calculations", "1"), None);
    }

    #[test]
    fn settings_that_can_not_be_used_stop_the_start_and_are_named() {
        let wrong = [
            ("--host", &["", "http://127.0.0.1", "127.0.0.1:8080", "a b", "-a", "coval.example/"][..]),
            (
                "--allow-origin",
                &[
                    "coval.example",
                    "https://coval.example/",
                    "https://*.coval.example",
                    "https://Coval.example",
                    "https://coval.example:443",
                    "ftp://coval.example",
                    "https://",
                    "https://ada@coval.example",
                    "null",
                    "*",
                    "https://a.example:0",
                    "https://a.example:99999",
                ],
            ),
            ("--node", &["", "a b", "a\nb", "é"]),
            ("--redis-prefix", &["", "a*"]),
            ("--metrics-address", &["9090", "localhost"]),
            ("--limit-calculations", &["0", "-1", "many"]),
            ("--calculation-seconds", &["0", "100000"]),
            ("--calculation-threads", &["0", "1000"]),
        ];
        for (flag, values) in wrong {
            for value in values {
                let said = complaint(flag, value).unwrap_or_else(|| panic!("{flag}={value} is taken"));
                assert!(said.contains(flag), "{said}");
            }
        }
    }
}
