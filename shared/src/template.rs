//! Models to start from.

pub mod blank;
mod builder;
pub mod company;
pub mod comparables;
pub mod dcf;
pub mod lbo;
pub mod merger;
pub mod real_options;

use serde_json::Value;

use company::{Company, CompanyError};

/// A complete model to start from, with a worked company.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What the command line and addresses call it.
    pub name: &'static str,
    /// The title of a document made from it.
    pub title: &'static str,
    /// What it is for, in a sentence.
    pub summary: &'static str,
    /// Makes the model document.
    build: fn() -> Result<Value, CompanyError>,
}

impl Template {
    /// The model document.
    ///
    /// # Errors
    ///
    /// Returns a [`CompanyError`] when the data of the worked company can't be read, which a test rules out.
    pub fn document(&self) -> Result<Value, CompanyError> {
        (self.build)()
    }
}

/// The title of the sample.
pub const APPLE_DCF_TITLE: &str = "Apple Inc. — DCF";

/// Four fiscal years of Apple's annual reports (Form 10-K).
pub const APPLE_10K: &str = include_str!("../samples/apple_10k.csv");

const TEMPLATES: &[Template] = &[
    Template {
        name: "dcf",
        title: APPLE_DCF_TITLE,
        summary: "Discounted cash flow: what a company's operations are worth, and what that makes a share.",
        build: apple_dcf,
    },
    Template {
        name: "lbo",
        title: "Harbour Packaging — LBO",
        summary: "Leveraged buyout: what a sponsor earns on a company bought mostly with debt, and what it can pay.",
        build: || Ok(lbo::document()),
    },
    Template {
        name: "merger",
        title: "Microsoft and LinkedIn — merger",
        summary: "Merger: what an acquisition does to earnings per share, the balance sheet and the owners of both sides.",
        build: || Ok(merger::document()),
    },
    Template {
        name: "real_options",
        title: "Oil field — real options",
        summary: "Real options: what the freedom to wait, grow, give up, go in stages or switch adds to a project.",
        build: || Ok(real_options::document()),
    },
    Template {
        name: "ipo",
        title: "Birkenstock — IPO and comparables",
        summary: "Going public: value by comparable companies, the offering, proceeds and dilution.",
        build: || Ok(comparables::document()),
    },
    Template {
        name: "blank",
        title: "New model",
        summary: "Sections and dated periods with the rows that nearly every model has, and no figures.",
        build: || Ok(blank::document()),
    },
];

/// All templates, in the order in which they are shown.
#[must_use]
pub fn all() -> &'static [Template] {
    TEMPLATES
}

/// The template called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

/// The sample: a discounted cash flow model of Apple Inc.
///
/// # Errors
///
/// Returns a [`CompanyError`] when the sample data can't be read, which a test rules out.
pub fn apple_dcf() -> Result<Value, CompanyError> {
    Ok(dcf::document(&Company::from_csv(APPLE_10K)?))
}
