-- DropIndex
DROP INDEX "people_organization_id_responsible_user_id_idx";

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "merged_into_id" UUID;

-- AlterTable
ALTER TABLE "people" ADD COLUMN     "whatsapp_consent" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "vacancies" ADD COLUMN     "application_form" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "application_token" TEXT;

-- CreateIndex
CREATE INDEX "people_organization_id_responsible_user_id_kind_last_name_f_idx" ON "people"("organization_id", "responsible_user_id", "kind", "last_name", "first_name", "id");

-- CreateIndex
CREATE INDEX "people_organization_id_whatsapp_consent_kind_last_name_firs_idx" ON "people"("organization_id", "whatsapp_consent", "kind", "last_name", "first_name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "vacancies_application_token_key" ON "vacancies"("application_token");

-- Candidate base: filters that stay fast at a million people.
CREATE INDEX people_tags_idx ON people USING gin (tags);
CREATE INDEX people_review_idx ON people (organization_id, kind, last_name, first_name, id) WHERE to_review AND merged_into_id IS NULL;
CREATE INDEX people_merged_idx ON people (organization_id, merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Whoever writes consents: whether a person may be asked for by "consented to WhatsApp" is kept with them.
CREATE FUNCTION refresh_whatsapp_consent(organization uuid, persons uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE people p SET whatsapp_consent = state.granted
  FROM (
    SELECT q.id, EXISTS (
      SELECT 1 FROM contact_points cp
      CROSS JOIN LATERAL (
        SELECT c.granted FROM consents c
        WHERE c.organization_id = cp.organization_id AND c.contact_point_id = cp.id AND c.channel = 'whatsapp'
        ORDER BY c.occurred_at DESC, c.id DESC LIMIT 1) newest
      WHERE cp.organization_id = organization AND cp.person_id = q.id AND newest.granted) AS granted
    FROM unnest(persons) AS q(id)) state
  WHERE p.organization_id = organization AND p.id = state.id AND p.whatsapp_consent <> state.granted
$$;

CREATE FUNCTION consents_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_whatsapp_consent(concerned.organization_id, array_agg(concerned.person_id))
  FROM (
    SELECT DISTINCT cp.organization_id, cp.person_id FROM added
    JOIN contact_points cp ON cp.organization_id = added.organization_id AND cp.id = added.contact_point_id
    WHERE added.channel = 'whatsapp') concerned
  GROUP BY concerned.organization_id;
  RETURN NULL;
END $$;

CREATE FUNCTION contact_point_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM refresh_whatsapp_consent(OLD.organization_id, ARRAY[OLD.person_id]);
  ELSE
    PERFORM refresh_whatsapp_consent(OLD.organization_id, ARRAY[OLD.person_id, NEW.person_id]);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER consents_written AFTER INSERT ON consents
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION consents_written();
CREATE TRIGGER contact_point_removed AFTER DELETE ON contact_points
  FOR EACH ROW EXECUTE FUNCTION contact_point_moved();
CREATE TRIGGER contact_point_moved AFTER UPDATE OF person_id ON contact_points
  FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION contact_point_moved();

UPDATE people p SET whatsapp_consent = true
WHERE EXISTS (
  SELECT 1 FROM contact_points cp
  CROSS JOIN LATERAL (
    SELECT c.granted FROM consents c
    WHERE c.organization_id = cp.organization_id AND c.contact_point_id = cp.id AND c.channel = 'whatsapp'
    ORDER BY c.occurred_at DESC, c.id DESC LIMIT 1) newest
  WHERE cp.organization_id = p.organization_id AND cp.person_id = p.id AND newest.granted);
