# R's values for the fixtures: pROC, vcd and stats. Called by make_fixtures.py: Rscript peers.R FOLDER > values
suppressPackageStartupMessages({
  library(pROC)
  library(vcd)
})
folder <- commandArgs(trailingOnly = TRUE)[1]
say <- function(key, call, ...) cat(key, call, paste(sprintf("%.17g", c(...)), collapse = "\t"), sep = "\t", fill = FALSE)
line <- function(...) {
  say(...)
  cat("\n")
}
cat("version\tR\t", as.character(getRversion()), "\n", sep = "")
for (p in c("pROC", "vcd")) cat("version\t", p, "\t", as.character(packageVersion(p)), "\n", sep = "")

for (name in c("binary_ties", "binary_smooth")) {
  d <- read.csv(file.path(folder, paste0(name, ".csv")))
  a <- roc(d$y, d$p, direction = "<", quiet = TRUE)
  b <- roc(d$y, d$base, direction = "<", quiet = TRUE)
  ci_a <- ci.auc(a, method = "delong")
  line(paste0(name, "/auc"), "ci.auc(roc(y, p), method='delong')", as.numeric(auc(a)), ci_a[1], ci_a[3])
  ci_b <- ci.auc(b, method = "delong")
  line(paste0(name, "/auc_baseline"), "ci.auc(roc(y, base), method='delong')", as.numeric(auc(b)), ci_b[1], ci_b[3])
  se <- sqrt(var(a) + var(b) - 2 * cov(a, b))
  difference <- as.numeric(auc(a)) - as.numeric(auc(b))
  line(paste0(name, "/auc_difference"), "auc(a) - auc(b) -+ qnorm(.975) * sqrt(var(a) + var(b) - 2 * cov(a, b))", difference,
       difference - qnorm(.975) * se, difference + qnorm(.975) * se)
  line(paste0(name, "/auc_test_p"), "roc.test(a, b, method='delong', paired=TRUE)$p.value",
       roc.test(a, b, method = "delong", paired = TRUE)$p.value)
  line(paste0(name, "/auc_partial"), "auc(a, partial.auc=c(1, .9))", as.numeric(auc(a, partial.auc = c(1, .9))))
  line(paste0(name, "/auc_partial_corrected"), "auc(a, partial.auc=c(1, .9), partial.auc.correct=TRUE)",
       as.numeric(auc(a, partial.auc = c(1, .9), partial.auc.correct = TRUE)))
  right_a <- (d$p >= .5) == d$y
  right_b <- (d$base >= .5) == d$y
  line(paste0(name, "/mcnemar_p"), "mcnemar.test(table(right_a, right_b), correct=FALSE)$p.value",
       mcnemar.test(table(right_a, right_b), correct = FALSE)$p.value)
}
d <- read.csv(file.path(folder, "multiclass.csv"))
predicted <- max.col(d[, c("a", "b", "c", "d")], ties.method = "first")
t <- table(factor(d$y, levels = c("a", "b", "c", "d")), factor(c("a", "b", "c", "d")[predicted], levels = c("a", "b", "c", "d")))
linear <- Kappa(t, weights = "Equal-Spacing")
quadratic <- Kappa(t, weights = "Fleiss-Cohen")
line("multiclass/kappa", "vcd::Kappa(t)$Unweighted: value, ASE", linear$Unweighted)
line("multiclass/kappa_linear", "vcd::Kappa(t, 'Equal-Spacing')$Weighted: value, ASE", linear$Weighted)
line("multiclass/kappa_quadratic", "vcd::Kappa(t, 'Fleiss-Cohen')$Weighted: value, ASE", quadratic$Weighted)
p <- c(.0001, .004, .019, .0201, .03, .03, .2, .41, .9, 1)
for (m in c("holm", "BH")) line(paste0("p_adjust/", m), paste0("p.adjust(p, '", m, "')"), p.adjust(p, m))
line("p_adjust/p", "p", p)
