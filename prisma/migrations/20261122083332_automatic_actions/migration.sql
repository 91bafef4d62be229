-- AlterTable
ALTER TABLE "action_runs" ADD COLUMN     "quiet" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "template_id" UUID,
ALTER COLUMN "stage_action_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "quiet_from" INTEGER DEFAULT 1260,
ADD COLUMN     "quiet_until" INTEGER DEFAULT 480;

-- AlterTable
ALTER TABLE "stage_moves" ADD COLUMN     "vacancy_id" UUID,
ALTER COLUMN "stage_id" DROP NOT NULL;
-- R-SEND-10: both or none, minutes of a day.
ALTER TABLE organizations ADD CONSTRAINT organizations_quiet_check CHECK (
  (quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until
  AND quiet_from BETWEEN 0 AND 1439 AND quiet_until BETWEEN 0 AND 1439
);
-- An action of a stage, or the template of a rejection.
ALTER TABLE action_runs ADD CONSTRAINT action_runs_source_check CHECK (stage_action_id IS NOT NULL OR template_id IS NOT NULL);
UPDATE stage_moves SET vacancy_id = s.vacancy_id FROM stages s
  WHERE s.organization_id = stage_moves.organization_id AND s.id = stage_moves.stage_id;
-- The folded columns of a board.
CREATE INDEX applications_rejected_idx ON applications (organization_id, vacancy_id, rejected_at DESC, id DESC) WHERE rejected_at IS NOT NULL;
CREATE INDEX applications_withdrawn_idx ON applications (organization_id, vacancy_id, withdrawn_at DESC, id DESC) WHERE withdrawn_at IS NOT NULL;
