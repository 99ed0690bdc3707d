//! What is kept on the device from visit to visit, in the browser's own database (IndexedDB): texts by their names.

use std::rc::Rc;

use idb::{Database, DatabaseEvent, Error, Factory, KeyRange, ObjectStoreParams, Query, TransactionMode};
use wasm_bindgen::JsValue;

/// The one store of a database.
const STORE: &str = "kept";

/// A database of the browser. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Rc<Database>,
    name: Rc<str>,
}

impl Store {
    /// The database `name`, which is made if there is none. Nothing where the browser keeps none, as private windows may.
    pub async fn open(name: &str) -> Option<Self> {
        let database = open(name).await.ok()?;
        Some(Self { database: Rc::new(database), name: name.into() })
    }

    /// What is kept as `key`.
    pub async fn get(&self, key: &str) -> Option<String> {
        self.read(key).await.ok().flatten()?.as_string()
    }

    /// Keeps `text` as `key`, in place of what was there. Returns whether it is kept: a device may be full.
    pub async fn put(&self, key: &str, text: &str) -> bool {
        self.write(key, text).await.is_ok()
    }

    /// Forgets what is kept as `key`.
    pub async fn remove(&self, key: &str) {
        // What can't be forgotten now is when the browser clears the site.
        let _ = self.delete(key).await;
    }

    /// The keys that begin with `prefix`.
    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        let keys = self.list(prefix).await.unwrap_or_default();
        keys.iter().filter_map(JsValue::as_string).collect()
    }

    /// Forgets everything, the database with it.
    pub async fn destroy(self) {
        self.database.close();
        if let Ok(Ok(request)) = Factory::new().map(|factory| factory.delete(&self.name)) {
            // As with one key.
            let _ = request.await;
        }
    }

    async fn read(&self, key: &str) -> Result<Option<JsValue>, Error> {
        let transaction = self.database.transaction(&[STORE], TransactionMode::ReadOnly)?;
        transaction.object_store(STORE)?.get(JsValue::from_str(key))?.await
    }

    async fn write(&self, key: &str, text: &str) -> Result<(), Error> {
        let transaction = self.database.transaction(&[STORE], TransactionMode::ReadWrite)?;
        let (text, key) = (JsValue::from_str(text), JsValue::from_str(key));
        transaction.object_store(STORE)?.put(&text, Some(&key))?.await?;
        transaction.commit()?.await?;
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), Error> {
        let transaction = self.database.transaction(&[STORE], TransactionMode::ReadWrite)?;
        transaction.object_store(STORE)?.delete(Query::from(JsValue::from_str(key)))?.await?;
        transaction.commit()?.await?;
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<JsValue>, Error> {
        let transaction = self.database.transaction(&[STORE], TransactionMode::ReadOnly)?;
        let (from, to) = (JsValue::from_str(prefix), JsValue::from_str(&format!("{prefix}\u{ffff}")));
        let range = KeyRange::bound(&from, &to, None, None)?;
        transaction.object_store(STORE)?.get_all_keys(Some(Query::from(range)), None)?.await
    }
}

async fn open(name: &str) -> Result<Database, Error> {
    let mut request = Factory::new()?.open(name, Some(1))?;
    request.on_upgrade_needed(|event| {
        // Where the store can't be made, reading and writing say so.
        let _ = event.database().map(|database| database.create_object_store(STORE, ObjectStoreParams::new()));
    });
    request.await
}
