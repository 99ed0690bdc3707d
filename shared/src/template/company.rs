//! A company's reported figures.

use std::collections::BTreeMap;

/// What a company reported, by item and fiscal year.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// Where the figures come from.
    pub source: String,
    /// The fiscal years, ascending.
    pub years: Vec<i32>,
    items: BTreeMap<String, Vec<f64>>,
}

/// Why a table of figures can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {hint}")]
pub struct CompanyError {
    /// The line of the table.
    pub line: u64,
    /// What is wrong there.
    pub hint: String,
}

impl Company {
    /// Reads a table: lines with `#` name the source, then a header `item,2021,2022,…`, then a line for each item.
    ///
    /// # Errors
    ///
    /// Returns a [`CompanyError`] with the line when a year or a figure can't be read or is missing.
    pub fn from_csv(table: &str) -> Result<Self, CompanyError> {
        let source =
            table.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect::<Vec<_>>().join(" ");
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table.as_bytes());
        let header = reader.headers().map_err(|error| unreadable(&error))?;
        let years = header
            .iter()
            .skip(1)
            .map(|year| year.trim().parse())
            .collect::<Result<Vec<i32>, _>>()
            .map_err(|_| CompanyError { line: 1, hint: "the columns after the first are fiscal years".into() })?;
        let mut items = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let mut fields = record.iter();
            let item = fields.next().unwrap_or_default().trim().to_owned();
            let figures = fields
                .map(|figure| figure.trim().parse::<f64>().ok().filter(|figure| figure.is_finite()))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| CompanyError { line, hint: format!("{item} has a figure that is not a number") })?;
            if items.insert(item.clone(), figures).is_some() {
                return Err(CompanyError { line, hint: format!("{item} is there twice") });
            }
        }
        Ok(Self { source, years, items })
    }

    /// The figures of `item`, one for each of [`Company::years`]; none when they were not reported.
    #[must_use]
    pub fn figures(&self, item: &str) -> &[f64] {
        self.items.get(item).map_or(&[], Vec::as_slice)
    }
}

fn unreadable(error: &csv::Error) -> CompanyError {
    CompanyError { line: error.position().map_or(0, csv::Position::line), hint: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::APPLE_10K;

    #[test]
    fn the_sample_is_read_with_its_source() {
        let apple = Company::from_csv(APPLE_10K).unwrap();
        assert_eq!(apple.years, [2021, 2022, 2023, 2024]);
        assert_eq!(apple.figures("net_sales").last(), Some(&391_035.0));
        assert!(apple.source.contains("Form 10-K"));
    }

    #[test]
    fn the_reported_figures_add_up() {
        let apple = Company::from_csv(APPLE_10K).unwrap();
        let figure = |item: &str, year: usize| apple.figures(item)[year];
        for year in 0..apple.years.len() {
            let costs = figure("cost_of_sales", year)
                + figure("research_and_development", year)
                + figure("selling_general_administrative", year);
            assert_eq!(figure("operating_income", year), figure("net_sales", year) - costs);
            assert_eq!(figure("net_income", year), figure("pretax_income", year) - figure("income_taxes", year));
        }
    }

    #[test]
    fn a_bad_figure_is_found_by_its_line() {
        let error = Company::from_csv("# source\nitem,2021\nsales,12\ncosts,many\n").unwrap_err();
        assert_eq!(error.to_string(), "line 4: costs has a figure that is not a number");
        assert!(Company::from_csv("item,first\n").is_err());
        assert!(Company::from_csv("item,2021\na,1\na,2\n").is_err());
        assert!(Company::from_csv("item,2021\na,1,2\n").is_err());
    }
}
