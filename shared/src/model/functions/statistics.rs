//! Statistical functions.

use super::{Arguments, Function, Outcome, Stop};
use crate::finance::regression::Pairs;
use crate::finance::statistics::{self, Quantile, Spread};
use crate::finance::{FinanceError, normal};
use crate::model::{CellValue, Value};

const MANY: &str = "a, b, …";
const XY: &str = "known_ys, known_xs";

pub(super) const FUNCTIONS: &[Function] = &[
    over("count", "How many numbers there are", |a| {
        let mut count = 0.0;
        a.each_number_from(0, |_| count += 1.0)?;
        Ok(Value::Number(count))
    }),
    over("counta", "How many values there are that are not blank", |a| {
        let cells = (0..a.len()).flat_map(|index| a.cells(index));
        Ok(Value::Number(cells.filter(|cell| **cell != CellValue::Blank).fold(0.0, |count, _| count + 1.0)))
    }),
    over("average", "The arithmetic mean", |a| number(statistics::mean(&a.all_numbers(0)?))),
    over("median", "The middle number, or the mean of both", |a| number(statistics::median(&a.all_numbers(0)?))),
    over("mode", "The number that comes most often", |a| number(statistics::mode(&a.all_numbers(0)?))),
    over("geomean", "The geometric mean", |a| number(statistics::geometric_mean(&a.all_numbers(0)?))),
    over("harmean", "The harmonic mean", |a| number(statistics::harmonic_mean(&a.all_numbers(0)?))),
    over("stdev", "The standard deviation of a sample", sample_deviation),
    over("stdev.s", "The standard deviation of a sample", sample_deviation),
    over("stdevp", "The standard deviation of all there are", population_deviation),
    over("stdev.p", "The standard deviation of all there are", population_deviation),
    over("var", "The variance of a sample", sample_variance),
    over("var.s", "The variance of a sample", sample_variance),
    over("varp", "The variance of all there are", population_variance),
    over("var.p", "The variance of all there are", population_variance),
    over("devsq", "The sum of squared distances from the mean", |a| {
        number(statistics::squared_deviations(&a.all_numbers(0)?))
    }),
    over("avedev", "The mean distance from the mean", |a| number(statistics::average_deviation(&a.all_numbers(0)?))),
    over("skew", "The skewness of a sample", |a| number(statistics::skewness(&a.all_numbers(0)?))),
    over("kurt", "The excess kurtosis of a sample", |a| number(statistics::kurtosis(&a.all_numbers(0)?))),
    over("cagr", "The growth rate for one period from the first number to the last", |a| {
        number(statistics::compound_growth(&a.all_numbers(0)?))
    }),
    listed(
        "percentile",
        "list, share",
        "The number under which a share of the list lies, both ends counted",
        percentile,
    ),
    listed("percentile.inc", "list, share", "As percentile", percentile),
    listed("percentile.exc", "list, share", "The same with the ends outside of the list", |a| {
        number(statistics::quantile(&a.numbers(0)?, a.number(1)?, Quantile::Exclusive))
    }),
    listed(
        "quartile",
        "list, quarter",
        "The same for quarters: 0 is the least, 2 the median, 4 the greatest",
        quartile,
    ),
    listed("quartile.inc", "list, quarter", "As quartile", quartile),
    listed("quartile.exc", "list, quarter", "The same with the ends outside of the list", |a| {
        number(statistics::quantile(&a.numbers(0)?, a.number(1)?.trunc() / 4.0, Quantile::Exclusive))
    }),
    listed("percentrank", "list, x", "The share of the list under x, with three digits", percent_rank),
    listed("percentrank.inc", "list, x", "As percentrank", percent_rank),
    listed("percentrank.exc", "list, x", "The same with the ends outside of the list", |a| {
        number(statistics::percent_rank(&a.numbers(0)?, a.number(1)?, Quantile::Exclusive))
    }),
    listed("large", "list, place", "The largest number, the second largest, …", |a| {
        number(statistics::largest(&a.numbers(0)?, a.number(1)?))
    }),
    listed("small", "list, place", "The smallest number, the second smallest, …", |a| {
        number(statistics::smallest(&a.numbers(0)?, a.number(1)?))
    }),
    Function {
        name: "rank",
        parameters: "x, list, [ascending]",
        summary: "The place of x in the list, 1 for the largest or, ascending, the smallest",
        arity: (2, 3),
        call: rank,
    },
    Function { name: "rank.eq", parameters: "x, list, [ascending]", summary: "As rank", arity: (2, 3), call: rank },
    Function {
        name: "sumproduct",
        parameters: "a, b, …",
        summary: "The sum of the products of lists, item by item",
        arity: (1, 255),
        call: sumproduct,
    },
    listed("correl", "a, b", "The correlation of two lists (Pearson)", correlation),
    listed("pearson", "a, b", "As correl", correlation),
    listed("covariance.p", "a, b", "The covariance of all there are", |a| number(line(a, 0, 1)?.covariance(false))),
    listed("covariance.s", "a, b", "The covariance of a sample", |a| number(line(a, 0, 1)?.covariance(true))),
    listed("slope", XY, "The slope of the line of least squares", |a| number(line(a, 1, 0)?.slope())),
    listed("intercept", XY, "Where the line of least squares crosses 0", |a| number(line(a, 1, 0)?.intercept())),
    listed("rsq", XY, "The square of the correlation", |a| number(line(a, 1, 0)?.correlation().map(|r| r * r))),
    listed("steyx", XY, "The standard error of the line of least squares", |a| number(line(a, 1, 0)?.standard_error())),
    Function {
        name: "forecast",
        parameters: "x, known_ys, known_xs",
        summary: "The line of least squares at x",
        arity: (3, 3),
        call: forecast,
    },
    Function {
        name: "forecast.linear",
        parameters: "x, known_ys, known_xs",
        summary: "As forecast",
        arity: (3, 3),
        call: forecast,
    },
    Function {
        name: "trend",
        parameters: "known_ys, known_xs, x",
        summary: "The line of least squares at x, in TREND's order",
        arity: (3, 3),
        call: |a| number(line(a, 1, 0)?.at(a.number(2)?)),
    },
    Function {
        name: "norm.dist",
        parameters: "x, mean, deviation, cumulative",
        summary: "The normal distribution: the probability of at most x, or with FALSE its density",
        arity: (4, 4),
        call: norm_dist,
    },
    Function {
        name: "normdist",
        parameters: "x, mean, deviation, cumulative",
        summary: "As norm.dist",
        arity: (4, 4),
        call: norm_dist,
    },
    Function {
        name: "norm.s.dist",
        parameters: "z, cumulative",
        summary: "The standard normal distribution: the probability of at most z, or with FALSE its density",
        arity: (2, 2),
        call: |a| {
            let z = a.number(0)?;
            Ok(Value::Number(if a.flag_or(1, true)? { normal::cdf(z) } else { normal::pdf(z) }))
        },
    },
    Function {
        name: "normsdist",
        parameters: "z",
        summary: "The probability that a standard normal variable is at most z",
        arity: (1, 1),
        call: |a| Ok(Value::Number(normal::cdf(a.number(0)?))),
    },
    Function {
        name: "norm.inv",
        parameters: "probability, mean, deviation",
        summary: "The number that a normal variable stays under with that probability",
        arity: (3, 3),
        call: norm_inv,
    },
    Function {
        name: "norminv",
        parameters: "probability, mean, deviation",
        summary: "As norm.inv",
        arity: (3, 3),
        call: norm_inv,
    },
    Function {
        name: "norm.s.inv",
        parameters: "probability",
        summary: "The same of a standard normal variable",
        arity: (1, 1),
        call: |a| quantile_of_normal(a.number(0)?),
    },
    Function {
        name: "normsinv",
        parameters: "probability",
        summary: "As norm.s.inv",
        arity: (1, 1),
        call: |a| quantile_of_normal(a.number(0)?),
    },
    Function {
        name: "lognorm.dist",
        parameters: "x, mean, deviation, cumulative",
        summary: "The distribution of a number whose logarithm is normal with that mean and deviation",
        arity: (4, 4),
        call: |a| {
            let (x, deviation) = (a.number(0)?, deviation(a, 2)?);
            if x <= 0.0 {
                return Err(Stop::not_a_number("a lognormal number is above 0"));
            }
            let z = (libm::log(x) - a.number(1)?) / deviation;
            Ok(Value::Number(if a.flag_or(3, true)? { normal::cdf(z) } else { normal::pdf(z) / (x * deviation) }))
        },
    },
    Function {
        name: "lognorm.inv",
        parameters: "probability, mean, deviation",
        summary: "The number that such a number stays under with that probability",
        arity: (3, 3),
        call: |a| {
            let z = normal::inverse_cdf(probability(a.number(0)?)?);
            number(FinanceError::finite(libm::exp(a.number(1)? + deviation(a, 2)? * z)))
        },
    },
    Function {
        name: "standardize",
        parameters: "x, mean, deviation",
        summary: "How many deviations x lies above the mean",
        arity: (3, 3),
        call: |a| number(FinanceError::finite((a.number(0)? - a.number(1)?) / deviation(a, 2)?)),
    },
    Function {
        name: "bivariate_normal",
        parameters: "x, y, correlation",
        summary: "The probability that of two correlated standard normal variables the first is at most x and the second at most y",
        arity: (3, 3),
        call: |a| {
            let probability = normal::bivariate_cdf(a.number(0)?, a.number(1)?, a.number(2)?);
            if probability.is_nan() {
                return Err(Stop::not_a_number("a correlation lies between -1 and 1"));
            }
            Ok(Value::Number(probability))
        },
    },
];

/// A function of all its numbers.
const fn over(name: &'static str, summary: &'static str, call: fn(&Arguments<'_>) -> Outcome<Value>) -> Function {
    Function { name, parameters: MANY, summary, arity: (1, 255), call }
}

/// A function of two arguments.
const fn listed(
    name: &'static str,
    parameters: &'static str,
    summary: &'static str,
    call: fn(&Arguments<'_>) -> Outcome<Value>,
) -> Function {
    Function { name, parameters, summary, arity: (2, 2), call }
}

/// The numbers of two arguments where both have one, in pairs.
pub(super) fn pairs(arguments: &Arguments<'_>, first: usize, second: usize) -> Outcome<(Vec<f64>, Vec<f64>)> {
    let (a, b) = (arguments.values(first)?, arguments.values(second)?);
    if a.len() != b.len() {
        return Err(Stop::not_found("both lists must have the same length"));
    }
    Ok(a.into_iter().zip(b).filter_map(|(a, b)| Some((a?, b?))).unzip())
}

fn number(result: Result<f64, FinanceError>) -> Outcome<Value> {
    Ok(Value::Number(result?))
}

fn line(arguments: &Arguments<'_>, xs: usize, ys: usize) -> Outcome<Pairs> {
    let (xs, ys) = pairs(arguments, xs, ys)?;
    Ok(Pairs::new(&xs, &ys)?)
}

fn sample_deviation(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::standard_deviation(&a.all_numbers(0)?, Spread::Sample))
}

fn population_deviation(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::standard_deviation(&a.all_numbers(0)?, Spread::Population))
}

fn sample_variance(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::variance(&a.all_numbers(0)?, Spread::Sample))
}

fn population_variance(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::variance(&a.all_numbers(0)?, Spread::Population))
}

fn percentile(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::quantile(&a.numbers(0)?, a.number(1)?, Quantile::Inclusive))
}

fn quartile(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::quantile(&a.numbers(0)?, a.number(1)?.trunc() / 4.0, Quantile::Inclusive))
}

fn percent_rank(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::percent_rank(&a.numbers(0)?, a.number(1)?, Quantile::Inclusive))
}

fn rank(a: &Arguments<'_>) -> Outcome<Value> {
    number(statistics::rank(a.number(0)?, &a.numbers(1)?, a.flag_or(2, false)?))
}

fn correlation(a: &Arguments<'_>) -> Outcome<Value> {
    number(line(a, 0, 1)?.correlation())
}

fn forecast(a: &Arguments<'_>) -> Outcome<Value> {
    number(line(a, 2, 1)?.at(a.number(0)?))
}

/// A blank counts as 0, as in Excel.
fn sumproduct(a: &Arguments<'_>) -> Outcome<Value> {
    let mut products: Option<Vec<f64>> = None;
    for index in 0..a.len() {
        let factors = a.values(index)?;
        match &mut products {
            None => products = Some(factors.into_iter().map(Option::unwrap_or_default).collect()),
            Some(products) if products.len() == factors.len() => {
                for (product, factor) in products.iter_mut().zip(factors) {
                    *product *= factor.unwrap_or_default();
                }
            }
            Some(_) => return Err(a.wrong(index, "must be as long as the lists before it")),
        }
    }
    Ok(Value::Number(products.unwrap_or_default().into_iter().fold(0.0, |sum, product| sum + product)))
}

fn norm_dist(a: &Arguments<'_>) -> Outcome<Value> {
    let deviation = deviation(a, 2)?;
    let z = (a.number(0)? - a.number(1)?) / deviation;
    Ok(Value::Number(if a.flag_or(3, true)? { normal::cdf(z) } else { normal::pdf(z) / deviation }))
}

fn norm_inv(a: &Arguments<'_>) -> Outcome<Value> {
    let z = normal::inverse_cdf(probability(a.number(0)?)?);
    number(FinanceError::finite(a.number(1)? + deviation(a, 2)? * z))
}

fn quantile_of_normal(p: f64) -> Outcome<Value> {
    Ok(Value::Number(normal::inverse_cdf(probability(p)?)))
}

fn probability(p: f64) -> Outcome<f64> {
    if p > 0.0 && p < 1.0 {
        return Ok(p);
    }
    Err(Stop::not_a_number("a probability lies between 0 and 1, both excluded"))
}

fn deviation(arguments: &Arguments<'_>, index: usize) -> Outcome<f64> {
    let deviation = arguments.number(index)?;
    if deviation > 0.0 {
        return Ok(deviation);
    }
    Err(Stop::not_a_number("a standard deviation must be above 0"))
}
