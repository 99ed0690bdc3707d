//! From which documents documents take values.

diesel::table! {
    links (document_id, source_id) {
        document_id -> Text,
        source_id -> Text,
    }
}

diesel::table! {
    link_changes (id) {
        id -> BigInt,
        count -> BigInt,
    }
}
