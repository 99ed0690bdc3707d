//! The history of documents.

diesel::table! {
    document_numbers (number) {
        number -> BigInt,
        document_id -> Text,
    }
}

diesel::table! {
    operations (document, revision) {
        document -> BigInt,
        revision -> BigInt,
        client -> Binary,
        sequence -> BigInt,
        author_id -> Nullable<Text>,
        op -> Text,
        committed_at_ms -> BigInt,
    }
}

diesel::table! {
    snapshots (document, revision) {
        document -> BigInt,
        revision -> BigInt,
        body -> Binary,
    }
}
