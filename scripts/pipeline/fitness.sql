-- What a curator believes of the data as a whole. Each judgement selects the rows that speak against it, from the
-- published SQLite file; none may repeat what the record rules or the contract already hold.
-- name | severity (critical stops a build, warning is shown) | what is expected

-- firm-figures-have-an-origin | critical | An outcome, a confirmed or a paid sum has a source that is an origin and not weak
SELECT record_id, claim_id, stage AS found FROM (SELECT * FROM {batch}) c
WHERE stage IN ('draft_outturn', 'outturn', 'confirmed', 'paid') AND origins = 0
  AND EXISTS (SELECT 1 FROM records r WHERE r.current_claim_id = c.claim_id AND r.record_id = c.record_id AND r.counted)

-- said-published-accessed | critical | A claim is said no later than the day on which any of its sources was read
SELECT c.record_id, c.claim_id, c.date || ' after ' || s.accessed AS found
FROM (SELECT * FROM {batch}) c JOIN evidence e USING (record_id, claim_id) JOIN sources s USING (source_id)
WHERE substr(c.date, 1, 10) > s.accessed

-- money-plausible | critical | A sum of money is within what a body of its level can lose, save or be given
SELECT record_id, claim_id, coalesce(value, high, low) AS found FROM {batch}
WHERE unit = 'GBP' AND max(abs(coalesce(value, 0)), abs(coalesce(low, 0)), abs(coalesce(high, 0))) >
  CASE level WHEN 'organisation' THEN CASE kind WHEN 'deal' THEN 2500000000 ELSE 400000000 END
    WHEN 'system' THEN 1000000000 WHEN 'region' THEN 3000000000
    ELSE CASE kind WHEN 'deal' THEN 100000000000 ELSE 40000000000 END END

-- money-not-tiny | critical | A sum of money for a whole period is not a number of millions typed without its zeros
SELECT record_id, claim_id, coalesce(value, high, low) AS found FROM {batch}
WHERE unit = 'GBP' AND stage <> 'year_to_date' AND coalesce(value, high, low) <> 0
  AND max(abs(coalesce(value, 0)), abs(coalesce(low, 0)), abs(coalesce(high, 0))) <
  CASE level WHEN 'national' THEN 10000000 ELSE 10000 END

-- posts-plausible | critical | Posts or people are fewer than a body of its level employs
SELECT record_id, claim_id, coalesce(value, high, low) AS found FROM {batch}
WHERE unit IN ('posts', 'wte', 'people') AND max(coalesce(value, 0), coalesce(low, 0), coalesce(high, 0)) >
  CASE level WHEN 'organisation' THEN 5000 WHEN 'system' THEN 10000 ELSE 200000 END

-- no-jump-between-vintages | critical | From one figure of a record to the next there is no jump of ten times or more without a stated reason
SELECT c.record_id, c.claim_id, p.claim_id || ': ' || p.amount || ' to ' || c.amount AS found
FROM (SELECT record_id, claim_id, because, abs(coalesce(value, high, low)) AS amount,
             lag(claim_id) OVER w AS before FROM {batch}
      WHERE coalesce(value, high, low) <> 0 AND stage NOT IN ('scenario', 'year_to_date')
      WINDOW w AS (PARTITION BY record_id ORDER BY date, rowid)) c
JOIN (SELECT record_id, claim_id, abs(coalesce(value, high, low)) AS amount FROM claims) p
  ON p.record_id = c.record_id AND p.claim_id = c.before
WHERE c.because IS NULL AND (c.amount >= 10 * p.amount OR p.amount >= 10 * c.amount)

-- counted-once | critical | Two counted records of one organisation, measure and period differ in a scope that keeps them apart
SELECT a.record_id, a.current_claim_id AS claim_id, b.record_id AS found
FROM records a JOIN records b USING (organisation_id, measure, period)
WHERE a.record_id < b.record_id AND a.counted AND b.counted AND a.record_id IN (SELECT record_id FROM {batch})
  AND coalesce(a.staff_group, a.boundary, '') = coalesce(b.staff_group, b.boundary, '')

-- far-from-its-kind | warning | A figure is within fifty times the middle figure of its measure and level
SELECT c.record_id, c.claim_id, coalesce(value, high, low) AS found
FROM (SELECT * FROM {batch}) c JOIN (
  SELECT measure, level, amount AS middle FROM (
    SELECT measure, level, abs(coalesce(value, high, low)) AS amount, count(*) OVER g AS n,
           row_number() OVER (g ORDER BY abs(coalesce(value, high, low))) AS place
    FROM claims WHERE coalesce(value, high, low) <> 0 WINDOW g AS (PARTITION BY measure, level))
  WHERE place = (n + 1) / 2 AND n >= 5) m USING (measure, level)
WHERE coalesce(value, high, low) <> 0
  AND (abs(coalesce(value, high, low)) > 50 * middle OR 50 * abs(coalesce(value, high, low)) < middle)

-- every-quarter-has-claims | warning | Every quarter from October 2023 to the release has something said in it
SELECT NULL AS record_id, NULL AS claim_id, quarter AS found FROM (
  WITH RECURSIVE q(day) AS (SELECT '2023-10-01' UNION ALL SELECT date(day, '+3 months') FROM q
                            WHERE date(day, '+6 months') <= (SELECT max(accessed) FROM sources))
  SELECT substr(day, 1, 4) || ' Q' || ((substr(day, 6, 2) + 2) / 3) AS quarter, day FROM q)
WHERE NOT EXISTS (SELECT 1 FROM {batch} WHERE date >= substr(day, 1, 7) AND date < substr(date(day, '+3 months'), 1, 7))

-- every-region-has-records | warning | Every NHS region has a record
SELECT NULL AS record_id, NULL AS claim_id, region AS found FROM (SELECT DISTINCT region FROM organisations WHERE region IS NOT NULL)
WHERE region NOT IN (SELECT region FROM {batch} WHERE region IS NOT NULL)

-- corroboration | warning | Three in ten claims or more have two independent origins or a primary one
SELECT NULL AS record_id, NULL AS claim_id, round(100 * share) || ' per cent' AS found FROM (
  SELECT round(avg(origins >= 2 OR EXISTS (
    SELECT 1 FROM evidence e JOIN sources s USING (source_id)
    WHERE e.record_id = c.record_id AND e.claim_id = c.claim_id AND e.role = 'origin' AND s.tier = 'primary')), 3) AS share
  FROM (SELECT * FROM {batch}) c)
WHERE share < 0.3

-- second-reader | warning | Nine in ten claims or more were read by a second reader
SELECT NULL AS record_id, NULL AS claim_id, round(100 * share) || ' per cent' AS found FROM (SELECT round(avg(review = 'checked'), 3) AS share FROM {batch})
WHERE share < 0.9

-- follow-through | warning | Of the plans whose period has ended, a third or more have a later claim: an outcome, a changed figure, or an end
SELECT NULL AS record_id, NULL AS claim_id, round(100 * share) || ' per cent' AS found FROM (
  SELECT round(avg(EXISTS (  -- later by its date, or by its stage where one text tells the plan and what came of it
    SELECT 1 FROM claims p JOIN claims l USING (record_id) JOIN stages s ON (s.kind, s.stage) = (l.kind, l.stage)
    WHERE p.record_id = r.record_id AND p.stage = 'planned' AND l.claim_id <> p.claim_id
      AND (l.date > p.date OR s.ends OR l.stage IN ('year_to_date', 'draft_outturn', 'outturn')))), 3) AS share
  FROM records r WHERE kind <> 'survey' AND period_end < (SELECT max(accessed) FROM sources)
    AND record_id IN (SELECT record_id FROM {batch} WHERE stage = 'planned'))
WHERE share < 0.333
