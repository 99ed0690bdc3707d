//! The history of documents.

diesel::table! {
    operations (document_id, revision) {
        document_id -> Text,
        revision -> BigInt,
        client_id -> Text,
        sequence -> BigInt,
        op -> Text,
        committed_at_ms -> BigInt,
        author_id -> Nullable<Text>,
    }
}

diesel::table! {
    snapshots (document_id, revision) {
        document_id -> Text,
        revision -> BigInt,
        body -> Text,
    }
}
