//! Rows continued from their history, from outside.

use coval_shared::analysis::forecast::{Method, Projection, Writing};
use coval_shared::analysis::{AnalysisErrorCode, Figure};
use coval_shared::model::{Calculation, CellValue, Entry, ItemId};
use ot_core::OtType;
use ot_core::json::Json;
use serde_json::{Value, json};

use crate::documents::{cell, model, over_periods};

/// The row `a` with figures in the first periods, which are the past, and `ahead` periods to come.
fn with_history(figures: &[Option<f64>], ahead: usize) -> Value {
    let entries: Vec<Value> = figures.iter().map(|figure| json!(figure)).collect();
    let mut document = over_periods(figures.len() + ahead, &[("a", None, &entries)]);
    for index in 0..figures.len() {
        document["periods"][index]["kind"] = json!("history");
    }
    document
}

fn row() -> ItemId {
    ItemId("i-a".to_owned())
}

fn numbers(projection: &Projection) -> Vec<f64> {
    projection.forecast.iter().map(|projected| projected.figure.number().unwrap()).collect()
}

fn close(found: &[f64], expected: &[f64]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0))
}

/// Writes the projection and calculates the model that comes of it.
fn written(document: &Value, projection: &Projection, writing: Writing) -> (Value, Vec<Figure>) {
    let mut after = document.clone();
    Json::apply(&mut after, &projection.op(document, writing).unwrap()).unwrap();
    let calculation = Calculation::new(&model(&after));
    let figures =
        projection.forecast.iter().map(|projected| Figure::from(calculation.value(&projected.cell))).collect();
    (after, figures)
}

#[test]
fn a_row_grows_on_at_its_compound_rate() {
    let document = with_history(&[Some(100.0), Some(130.0), Some(121.0)], 2);
    let projection = Projection::new(&model(&document), &row(), Method::Cagr).unwrap();
    assert_eq!(projection.history, [100.0, 130.0, 121.0]);
    assert!(close(&numbers(&projection), &[133.1, 146.41]), "{projection:?}");
    let losses = with_history(&[Some(-100.0), Some(-121.0)], 1);
    let losses = Projection::new(&model(&losses), &row(), Method::Cagr).unwrap();
    assert!(close(&numbers(&losses), &[-146.41]));
}

#[test]
fn a_row_lies_on_the_line_through_its_history() {
    let document = with_history(&[Some(1.0), Some(2.0), Some(4.0), Some(5.0)], 3);
    let projection = Projection::new(&model(&document), &row(), Method::Linear).unwrap();
    // Slope 1.4, intercept −0.5.
    assert!(close(&numbers(&projection), &[6.5, 7.9, 9.3]), "{projection:?}");
}

#[test]
fn what_is_written_gives_what_was_shown() {
    let document = with_history(&[Some(3.0), None, Some(100.0), Some(110.0), Some(125.0)], 3);
    for method in [Method::Cagr, Method::Linear] {
        let projection = Projection::new(&model(&document), &row(), method).unwrap();
        assert_eq!(projection.history, [100.0, 110.0, 125.0], "only what has no gap");
        let shown: Vec<Figure> = projection.forecast.iter().map(|projected| projected.figure.clone()).collect();
        for writing in [Writing::Formulas, Writing::Numbers] {
            let (after, figures) = written(&document, &projection, writing);
            assert_eq!(figures, shown);
            let entry = model(&after).item(&row()).unwrap().values[&cell("i-a", "p5").period.unwrap()].clone();
            assert_eq!(matches!(entry, Entry::Formula(_)), writing == Writing::Formulas, "{entry:?}");
        }
    }
}

#[test]
fn written_formulas_follow_the_history() {
    let document = with_history(&[Some(100.0), Some(110.0)], 2);
    let projection = Projection::new(&model(&document), &row(), Method::Cagr).unwrap();
    let (mut after, _) = written(&document, &projection, Writing::Formulas);
    after["sections"][0]["items"][0]["values"]["p1"] = json!(120.0);
    let CellValue::Number(number) = *Calculation::new(&model(&after)).value(&cell("i-a", "p3")) else { panic!() };
    assert!((number - 172.8).abs() < 1e-9, "{number}");
}

#[test]
fn a_history_that_does_not_do_is_refused() {
    let refused = |figures: &[Option<f64>], ahead, method| {
        Projection::new(&model(&with_history(figures, ahead)), &row(), method).unwrap_err().code
    };
    assert_eq!(refused(&[Some(1.0)], 2, Method::Linear), AnalysisErrorCode::OutOfRange);
    assert_eq!(refused(&[Some(-1.0), Some(1.0)], 2, Method::Cagr), AnalysisErrorCode::OutOfRange);
    assert_eq!(refused(&[Some(0.0), Some(1.0)], 2, Method::Cagr), AnalysisErrorCode::OutOfRange);
    assert_eq!(refused(&[Some(1.0), Some(2.0)], 0, Method::Cagr), AnalysisErrorCode::NotFound);
    assert_eq!(refused(&[], 2, Method::Cagr), AnalysisErrorCode::NotFound);
    assert_eq!(refused(&[Some(1.0); 5], 2, Method::Holt), AnalysisErrorCode::OutOfRange);
    let document = with_history(&[Some(1.0), Some(2.0)], 1);
    let error = Projection::new(&model(&document), &ItemId("gone".into()), Method::Cagr).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (AnalysisErrorCode::NotFound, "gone"));
}

#[cfg(feature = "smoothing")]
#[test]
fn smoothing_goes_on_with_the_newest_trend_in_any_unit() {
    let history = [100.0, 104.0, 109.0, 112.0, 118.0, 121.0, 127.0, 131.0];
    let project = |scale: f64| {
        let figures: Vec<Option<f64>> = history.iter().map(|figure| Some(figure * scale)).collect();
        Projection::new(&model(&with_history(&figures, 3)), &row(), Method::Holt).unwrap()
    };
    let projection = project(1.0);
    let found = numbers(&projection);
    // Within what lines through the history and through its end say.
    assert!(found[0] > 133.0 && found[0] < 137.0, "{found:?}");
    assert!(close(&[found[1] - found[0]], &[found[2] - found[1]]), "a line: {found:?}");
    let thousandths: Vec<f64> = numbers(&project(1000.0)).iter().map(|number| number / 1000.0).collect();
    assert!(close(&thousandths, &found), "{thousandths:?}, {found:?}");
    let document = with_history(&history.map(Some), 3);
    let (_, figures) = written(&document, &projection, Writing::Formulas);
    assert_eq!(
        figures,
        found.into_iter().map(Figure::Number).collect::<Vec<_>>(),
        "numbers, where there is no formula"
    );
}

#[cfg(feature = "smoothing")]
#[test]
fn smoothing_takes_what_has_no_spread() {
    for history in [[7.0; 6], [0.0; 6], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]] {
        let document = with_history(&history.map(Some), 2);
        let found = numbers(&Projection::new(&model(&document), &row(), Method::Holt).unwrap());
        let step = history[1] - history[0];
        let expected = [history[5] + step, history[5] + 2.0 * step];
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-2), "{history:?}: {found:?}");
    }
}

#[cfg(not(feature = "smoothing"))]
#[test]
fn smoothing_says_where_it_can_be_had() {
    let document = with_history(&[Some(1.0); 6], 2);
    let error = Projection::new(&model(&document), &row(), Method::Holt).unwrap_err();
    assert!(error.hint.contains("server"), "{error}");
}
