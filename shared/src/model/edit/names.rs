//! Names for formulas and commands, made of what people call things.

use crate::model::read::is_name;

/// A name that is not taken, made of the beginning of `label`; `kind` stands before what is no name alone.
pub(crate) fn free_name(label: &str, kind: &str, is_taken: impl Fn(&str) -> bool) -> String {
    /// Leaves room for a number behind it.
    const STEM_CHARS: usize = 40;
    let letters = label
        .to_ascii_lowercase()
        .chars()
        .take(STEM_CHARS)
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect::<String>();
    let stem = match letters.trim_matches('_') {
        stem if is_name(stem) && !["true", "false"].contains(&stem) => stem.to_owned(),
        stem => format!("{kind}_{stem}").trim_end_matches('_').to_owned(),
    };
    let numbered = (2_u32..).map(|number| format!("{stem}_{number}"));
    std::iter::once(stem.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(stem)
}
