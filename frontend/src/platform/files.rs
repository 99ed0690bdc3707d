//! Files that people choose, drop on the page, and take away.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, DragEvent, Event, File, FileList, HtmlAnchorElement, HtmlInputElement, Url};

/// A file of the person's.
#[derive(Clone, Debug)]
pub struct PickedFile {
    file: File,
}

impl PickedFile {
    /// The file that was dropped on the page, the first where there are several.
    #[must_use]
    pub fn dropped(event: &DragEvent) -> Option<Self> {
        Self::first(event.data_transfer()?.files())
    }

    /// The file that was chosen in an input for files.
    #[must_use]
    pub fn chosen(event: &Event) -> Option<Self> {
        Self::first(event.target()?.dyn_into::<HtmlInputElement>().ok()?.files())
    }

    fn first(files: Option<FileList>) -> Option<Self> {
        Some(Self { file: files?.get(0)? })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> String {
        self.file.name()
    }

    /// How many bytes are in it.
    #[must_use]
    pub fn bytes(&self) -> f64 {
        self.file.size()
    }

    /// What is in it. Nothing when it can't be read.
    pub async fn content(&self) -> Option<Vec<u8>> {
        let buffer = JsFuture::from(self.file.array_buffer()).await.ok()?;
        Some(js_sys::Uint8Array::new(&buffer).to_vec())
    }
}

/// Whether something that is dragged over the page is a file.
#[must_use]
pub fn is_dragged(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().iter().any(|kind| kind == "Files"))
}

/// Has the browser keep `content` as a file with this name. Returns whether it took it.
pub fn download(name: &str, media_type: &str, content: &[u8]) -> bool {
    fn start(name: &str, media_type: &str, content: &[u8]) -> Option<()> {
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(content));
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        let address = Url::create_object_url_with_blob(&blob).ok()?;
        let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
        link.set_href(&address);
        link.set_download(name);
        link.click();
        // The browser has begun by now; what is not taken back stays in memory.
        let _ = Url::revoke_object_url(&address);
        Some(())
    }
    start(name, media_type, content).is_some()
}
