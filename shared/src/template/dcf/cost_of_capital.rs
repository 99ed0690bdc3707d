//! The weighted average cost of capital.

use super::{ASSUMPTION, rate};
use crate::model::NumberFormat::{Decimal, Percent};
use crate::template::builder::{Row, single};

const PEER: &str = "Illustration, not a quotation: put in a regression or a data service's figure";

/// A beta of equity, the debt and the tax rate behind it, and the beta of the business that is left without the debt.
pub(super) fn peers() -> Vec<Row> {
    let peer = |names: [&'static str; 4], labels: [&'static str; 4], figures: [f64; 3], formula| {
        let [beta, debt, tax, unlevered] = names;
        let [beta_label, debt_label, tax_label, unlevered_label] = labels;
        let [beta_figure, debt_figure, tax_figure] = figures;
        [
            single(beta, beta_label).shown_as(Decimal).value(beta_figure).note(PEER),
            single(debt, debt_label).shown_as(Percent).value(debt_figure).note(PEER),
            single(tax, tax_label).shown_as(Percent).value(tax_figure).note(PEER),
            single(unlevered, unlevered_label).shown_as(Decimal).formula(formula).note(
                "Hamada (1972): the beta of equity / (1 + (1 − tax rate) × debt / equity), with debt free of risk",
            ),
        ]
    };
    let peers = [
        peer(
            ["devices_beta", "devices_debt_to_equity", "devices_tax_rate", "devices_unlevered_beta"],
            [
                "Peer in devices: beta",
                "Peer in devices: debt, of equity",
                "Peer in devices: tax rate",
                "Peer in devices: unlevered beta",
            ],
            [1.20, 0.10, 0.21],
            "devices_beta / (1 + (1 - devices_tax_rate) * devices_debt_to_equity)",
        ),
        peer(
            ["software_beta", "software_debt_to_equity", "software_tax_rate", "software_unlevered_beta"],
            [
                "Peer in software: beta",
                "Peer in software: debt, of equity",
                "Peer in software: tax rate",
                "Peer in software: unlevered beta",
            ],
            [1.05, 0.04, 0.21],
            "software_beta / (1 + (1 - software_tax_rate) * software_debt_to_equity)",
        ),
        peer(
            ["services_beta", "services_debt_to_equity", "services_tax_rate", "services_unlevered_beta"],
            [
                "Peer in services: beta",
                "Peer in services: debt, of equity",
                "Peer in services: tax rate",
                "Peer in services: unlevered beta",
            ],
            [1.18, 0.05, 0.21],
            "services_beta / (1 + (1 - services_tax_rate) * services_debt_to_equity)",
        ),
        peer(
            ["chips_beta", "chips_debt_to_equity", "chips_tax_rate", "chips_unlevered_beta"],
            [
                "Peer in semiconductors: beta",
                "Peer in semiconductors: debt, of equity",
                "Peer in semiconductors: tax rate",
                "Peer in semiconductors: unlevered beta",
            ],
            [1.30, 0.15, 0.21],
            "chips_beta / (1 + (1 - chips_tax_rate) * chips_debt_to_equity)",
        ),
    ];
    peers.into_iter().flatten().collect()
}

pub(super) fn cost_of_capital() -> Vec<Row> {
    vec![
        single("unlevered_beta", "Unlevered beta")
            .shown_as(Decimal)
            .formula(
                "median(devices_unlevered_beta, software_unlevered_beta, services_unlevered_beta, chips_unlevered_beta)",
            )
            .note("The median of the peers, which one of them can't pull away"),
        rate("debt_share", "Debt, of capital").value(0.03).note("Assumption: the target structure, at market values"),
        rate("marginal_tax_rate", "Marginal tax rate").value(0.21).note("Federal rate, 26 U.S.C. § 11"),
        single("beta", "Beta")
            .shown_as(Decimal)
            .formula("unlevered_beta * (1 + (1 - marginal_tax_rate) * debt_share / (1 - debt_share))")
            .note("Hamada (1972), relevered at the target structure"),
        rate("risk_free_rate", "Risk-free rate").value(0.043).note("Assumption: a long government bond's yield"),
        rate("equity_risk_premium", "Equity risk premium").value(0.045).note(ASSUMPTION),
        rate("cost_of_equity", "Cost of equity")
            .formula("risk_free_rate + beta * equity_risk_premium")
            .note("Capital asset pricing model, Sharpe (1964)"),
        rate("cost_of_debt", "Cost of debt before tax").value(0.046).note(ASSUMPTION),
        rate("wacc", "Weighted average cost of capital")
            .formula("cost_of_equity * (1 - debt_share) + cost_of_debt * (1 - marginal_tax_rate) * debt_share")
            .note("At the weights of the target structure; interest saves tax at the marginal rate"),
    ]
}
