use augurs_core::Predict;
use augurs_ets::model::{ErrorComponent, ModelType, SeasonalComponent, TrendComponent, Unfit};

/// The next periods by Holt's method, an ETS(A,A,N) in the terms of Hyndman and others, *Forecasting with Exponential
/// Smoothing: the State Space Approach*, 2008.
///
/// The history is brought to a mean size of one first, so that the search for the weights does not depend on the unit.
/// The values are rounded to twelve digits, which is far more than the search settles.
pub(super) fn smoothed(history: &[f64], periods: usize) -> Result<Vec<f64>, &'static str> {
    let size = history.iter().map(|value| value.abs()).sum::<f64>()
        / f64::from(u32::try_from(history.len()).unwrap_or(u32::MAX));
    if size == 0.0 {
        return Ok(vec![0.0; periods]);
    }
    let hint = "take the line of least squares";
    let scaled: Vec<f64> = history.iter().map(|value| value / size).collect();
    let holt =
        ModelType { error: ErrorComponent::Additive, trend: TrendComponent::Additive, season: SeasonalComponent::None };
    let fitted = Unfit::new(holt).fit(&scaled).map_err(|_| hint)?;
    let forecast = fitted.predict(periods, None).map_err(|_| hint)?;
    let values: Vec<f64> = forecast.point.iter().map(|value| rounded(value * size)).collect();
    if values.len() == periods && values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(hint) }
}

/// Twelve digits.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = libm::pow(10.0, 11.0 - libm::floor(libm::log10(value.abs())));
    if scale.is_finite() && scale > 0.0 { libm::round(value * scale) / scale } else { value }
}
