-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "plan" AS ENUM ('essential', 'business', 'enterprise');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('administrator', 'supervisor', 'recruiter', 'interviewer', 'collaborator', 'requisitioner', 'reviewer');

-- CreateEnum
CREATE TYPE "person_kind" AS ENUM ('candidate', 'contact');

-- CreateEnum
CREATE TYPE "contact_point_kind" AS ENUM ('phone', 'email');

-- CreateEnum
CREATE TYPE "phone_type" AS ENUM ('mobile', 'landline', 'voip', 'unknown');

-- CreateEnum
CREATE TYPE "whats_app_presence" AS ENUM ('unknown', 'present', 'absent');

-- CreateEnum
CREATE TYPE "channel" AS ENUM ('whatsapp', 'sms', 'email', 'page');

-- CreateEnum
CREATE TYPE "channel_state" AS ENUM ('connected', 'paused', 'disconnected');

-- CreateEnum
CREATE TYPE "chat_status" AS ENUM ('active', 'open', 'closed');

-- CreateEnum
CREATE TYPE "direction" AS ENUM ('in', 'out');

-- CreateEnum
CREATE TYPE "message_origin" AS ENUM ('manual', 'automatic', 'bulk', 'api', 'person');

-- CreateEnum
CREATE TYPE "message_state" AS ENUM ('scheduled', 'queued', 'dispatching', 'unknown', 'sent', 'delivered', 'read', 'failed', 'suppressed', 'cancelled', 'unconfirmed', 'received');

-- CreateEnum
CREATE TYPE "receipt_status" AS ENUM ('sent', 'delivered', 'read', 'failed');

-- CreateEnum
CREATE TYPE "template_status" AS ENUM ('draft', 'pending', 'approved', 'rejected', 'paused', 'disabled');

-- CreateEnum
CREATE TYPE "vacancy_status" AS ENUM ('open', 'closed');

-- CreateEnum
CREATE TYPE "credit_entry_kind" AS ENUM ('grant', 'reserve', 'commit', 'release', 'refund', 'adjust');

-- CreateEnum
CREATE TYPE "action_run_state" AS ENUM ('planned', 'done', 'suppressed', 'cancelled');

-- CreateEnum
CREATE TYPE "user_token_kind" AS ENUM ('invitation', 'passwordReset');

-- CreateEnum
CREATE TYPE "webhook_state" AS ENUM ('pending', 'done', 'poison');

-- CreateEnum
CREATE TYPE "media_state" AS ENUM ('pending', 'stored', 'failed');

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "plan" "plan" NOT NULL,
    "whatsapp_in_plan" BOOLEAN NOT NULL DEFAULT false,
    "sms_in_plan" BOOLEAN NOT NULL DEFAULT false,
    "default_country" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "public_contact_email" TEXT,
    "customer_success_email" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "access_to_own_base" BOOLEAN NOT NULL DEFAULT false,
    "phone" TEXT,
    "password_hash" TEXT,
    "sound_muted" BOOLEAN NOT NULL DEFAULT false,
    "deactivated_at" TIMESTAMPTZ(3),
    "successor_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "sid" TEXT NOT NULL,
    "sess" JSONB NOT NULL,
    "expire" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "user_tokens" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "user_token_kind" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_tokens_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "sign_in_attempts" (
    "key" TEXT NOT NULL,
    "failed" INTEGER NOT NULL,
    "reset_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_in_attempts_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "employers" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "employers_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "people" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" "person_kind" NOT NULL,
    "external_id" TEXT,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "employer_id" UUID,
    "responsible_user_id" UUID,
    "time_zone" TEXT,
    "language" TEXT,
    "tags" TEXT[],
    "custom" JSONB NOT NULL DEFAULT '{}',
    "to_review" BOOLEAN NOT NULL DEFAULT false,
    "confidential" BOOLEAN NOT NULL DEFAULT false,
    "merged_into_id" UUID,
    "erased_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "people_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "contact_points" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" "contact_point_kind" NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "valid" BOOLEAN NOT NULL DEFAULT true,
    "phone_type" "phone_type" NOT NULL DEFAULT 'unknown',
    "whatsapp" "whats_app_presence" NOT NULL DEFAULT 'unknown',
    "wa_id" TEXT,
    "bounced_at" TIMESTAMPTZ(3),
    "position" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "contact_points_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "consents" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contact_point_id" UUID NOT NULL,
    "channel" "channel" NOT NULL,
    "granted" BOOLEAN NOT NULL,
    "source" TEXT NOT NULL,
    "wording" TEXT,
    "evidence" TEXT,
    "recorded_by_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "opt_outs" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "key_hash" TEXT NOT NULL,
    "contact_point_id" UUID,
    "channels" "channel"[],
    "marketing_only" BOOLEAN NOT NULL DEFAULT false,
    "words" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "undone_at" TIMESTAMPTZ(3),

    CONSTRAINT "opt_outs_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "channel_accounts" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "channel" "channel" NOT NULL,
    "name" TEXT NOT NULL,
    "state" "channel_state" NOT NULL,
    "state_reason" TEXT,
    "state_changed_at" TIMESTAMPTZ(3) NOT NULL,
    "phone_number_id" TEXT,
    "waba_id" TEXT,
    "display_phone" TEXT,
    "verified_name" TEXT,
    "access_token_sealed" BYTEA,
    "app_secret_sealed" BYTEA,
    "verify_token_sealed" BYTEA,
    "templates_synced_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "channel_accounts_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "service_windows" (
    "organization_id" UUID NOT NULL,
    "channel_account_id" UUID NOT NULL,
    "contact_point_id" UUID NOT NULL,
    "last_inbound_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "service_windows_pkey" PRIMARY KEY ("organization_id","channel_account_id","contact_point_id")
);

-- CreateTable
CREATE TABLE "vacancies" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "title" TEXT NOT NULL,
    "status" "vacancy_status" NOT NULL DEFAULT 'open',
    "notification_emails" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "vacancies_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "vacancy_users" (
    "organization_id" UUID NOT NULL,
    "vacancy_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,

    CONSTRAINT "vacancy_users_pkey" PRIMARY KEY ("organization_id","vacancy_id","user_id")
);

-- CreateTable
CREATE TABLE "stages" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "vacancy_id" UUID NOT NULL,
    "external_id" TEXT,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stages_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "stage_actions" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "template_id" UUID,
    "title" TEXT,
    "body" TEXT,
    "channels" "channel"[],
    "delay_seconds" INTEGER NOT NULL DEFAULT 0,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "stage_actions_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "applications" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "external_id" TEXT,
    "person_id" UUID NOT NULL,
    "vacancy_id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "stage_entry_id" UUID NOT NULL,
    "position" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "rejected_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "applications_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "stage_moves" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "count" INTEGER NOT NULL,
    "run_actions" BOOLEAN NOT NULL,
    "actor_user_id" UUID,
    "actor_api_key_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "stage_moves_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "stage_entries" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "application_id" UUID NOT NULL,
    "move_id" UUID NOT NULL,
    "from_stage_id" UUID,
    "to_stage_id" UUID NOT NULL,
    "actor_user_id" UUID,
    "actor_api_key_id" UUID,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "left_at" TIMESTAMPTZ(3),

    CONSTRAINT "stage_entries_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "action_runs" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "stage_entry_id" UUID NOT NULL,
    "stage_action_id" UUID NOT NULL,
    "move_id" UUID NOT NULL,
    "application_id" UUID NOT NULL,
    "channel" "channel" NOT NULL,
    "state" "action_run_state" NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,
    "message_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "action_runs_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "conversations" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "status" "chat_status" NOT NULL DEFAULT 'closed',
    "owner_id" UUID,
    "last_owner_id" UUID,
    "chat_version" INTEGER NOT NULL DEFAULT 0,
    "last_contact_at" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3),
    "last_inbound_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "responsible_user_id" UUID,
    "inbox_user_id" UUID,
    "message_count" INTEGER NOT NULL DEFAULT 0,
    "inbound_count" INTEGER NOT NULL DEFAULT 0,
    "last_message_at" TIMESTAMPTZ(3),
    "last_message_id" UUID,
    "last_direction" "direction",
    "last_sender_id" UUID,
    "channels" "channel"[],
    "unanswered_since" TIMESTAMPTZ(3),
    "blocked_by" TEXT,
    "not_before" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "conversation_reads" (
    "organization_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "inbound_read" INTEGER NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "conversation_reads_pkey" PRIMARY KEY ("organization_id","conversation_id","user_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "application_id" UUID,
    "channel" "channel" NOT NULL,
    "direction" "direction" NOT NULL,
    "origin" "message_origin" NOT NULL,
    "state" "message_state" NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT,
    "body" TEXT,
    "content" JSONB,
    "template_id" UUID,
    "template_version" INTEGER,
    "reply_to_id" UUID,
    "retry_of_id" UUID,
    "sender_user_id" UUID,
    "sender_api_key_id" UUID,
    "channel_account_id" UUID,
    "contact_point_id" UUID,
    "stage_entry_id" UUID,
    "credits" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "reason_detail" TEXT,
    "provider_code" INTEGER,
    "provider_id" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "attempt_token" UUID,
    "dispatch_deadline_at" TIMESTAMPTZ(3),
    "scheduled_at" TIMESTAMPTZ(3),
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "provider_messages" (
    "channel_account_id" UUID NOT NULL,
    "provider_id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,

    CONSTRAINT "provider_messages_pkey" PRIMARY KEY ("channel_account_id","provider_id")
);

-- CreateTable
CREATE TABLE "receipts" (
    "organization_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "status" "receipt_status" NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "provider_code" INTEGER,
    "detail" TEXT,

    CONSTRAINT "receipts_pkey" PRIMARY KEY ("organization_id","message_id","status")
);

-- CreateTable
CREATE TABLE "parked_receipts" (
    "channel_account_id" UUID NOT NULL,
    "provider_id" TEXT NOT NULL,
    "status" "receipt_status" NOT NULL,
    "organization_id" UUID NOT NULL,
    "event" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "parked_receipts_pkey" PRIMARY KEY ("channel_account_id","provider_id","status")
);

-- CreateTable
CREATE TABLE "reactions" (
    "organization_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "actor" TEXT NOT NULL,
    "emoji" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reactions_pkey" PRIMARY KEY ("organization_id","message_id","actor")
);

-- CreateTable
CREATE TABLE "media" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "message_id" UUID,
    "state" "media_state" NOT NULL,
    "provider_id" TEXT,
    "mime_type" TEXT NOT NULL,
    "filename" TEXT,
    "size" INTEGER,
    "sha256" TEXT,
    "bytes" BYTEA,
    "voice" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "uploaded_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "media_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "templates" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "channel" "channel" NOT NULL,
    "name" TEXT NOT NULL,
    "folder" TEXT,
    "personal_user_id" UUID,
    "language" TEXT NOT NULL,
    "status" "template_status" NOT NULL,
    "status_reason" TEXT,
    "title" TEXT,
    "body" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "channel_account_id" UUID,
    "meta_name" TEXT,
    "meta_id" TEXT,
    "category" TEXT,
    "components" JSONB,
    "parameters" JSONB,
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "templates_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "template_versions" (
    "organization_id" UUID NOT NULL,
    "template_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "title" TEXT,
    "body" TEXT NOT NULL,
    "components" JSONB,
    "parameters" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "template_versions_pkey" PRIMARY KEY ("organization_id","template_id","version")
);

-- CreateTable
CREATE TABLE "notes" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "application_id" UUID,
    "author_id" UUID NOT NULL,
    "body" TEXT NOT NULL,
    "visible_to" UUID[],
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notes_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "timeline_entries" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "application_id" UUID,
    "kind" TEXT NOT NULL,
    "actor_user_id" UUID,
    "actor_api_key_id" UUID,
    "message_id" UUID,
    "note_id" UUID,
    "data" JSONB NOT NULL DEFAULT '{}',
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "timeline_entries_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "person_id" UUID,
    "conversation_id" UUID,
    "message_id" UUID,
    "note_id" UUID,
    "data" JSONB NOT NULL DEFAULT '{}',
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "credit_accounts" (
    "organization_id" UUID NOT NULL,
    "balance" INTEGER NOT NULL,
    "low_balance" INTEGER NOT NULL DEFAULT 50,

    CONSTRAINT "credit_accounts_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
CREATE TABLE "credit_entries" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" "credit_entry_kind" NOT NULL,
    "amount" INTEGER NOT NULL,
    "message_id" UUID,
    "note" TEXT,
    "actor" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "credit_entries_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "workflow_type" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "channel_account_id" UUID NOT NULL,
    "body" BYTEA NOT NULL,
    "state" "webhook_state" NOT NULL,
    "fault" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "organization_id" UUID NOT NULL,
    "caller" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "resource_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("organization_id","caller","route","key")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "actor_user_id" UUID,
    "actor_api_key_id" UUID,
    "actor" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "target_id" TEXT,
    "before" JSONB,
    "after" JSONB,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("organization_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "organizations_slug_key" ON "organizations"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_expire_idx" ON "sessions"("expire");

-- CreateIndex
CREATE UNIQUE INDEX "user_tokens_token_hash_key" ON "user_tokens"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_secret_hash_key" ON "api_keys"("secret_hash");

-- CreateIndex
CREATE UNIQUE INDEX "employers_organization_id_external_id_key" ON "employers"("organization_id", "external_id");

-- CreateIndex
CREATE INDEX "people_organization_id_kind_last_name_first_name_id_idx" ON "people"("organization_id", "kind", "last_name", "first_name", "id");

-- CreateIndex
CREATE INDEX "people_organization_id_responsible_user_id_idx" ON "people"("organization_id", "responsible_user_id");

-- CreateIndex
CREATE UNIQUE INDEX "people_organization_id_external_id_key" ON "people"("organization_id", "external_id");

-- CreateIndex
CREATE INDEX "contact_points_organization_id_person_id_idx" ON "contact_points"("organization_id", "person_id");

-- CreateIndex
CREATE UNIQUE INDEX "contact_points_organization_id_kind_key_key" ON "contact_points"("organization_id", "kind", "key");

-- CreateIndex
CREATE INDEX "consents_organization_id_contact_point_id_channel_occurred__idx" ON "consents"("organization_id", "contact_point_id", "channel", "occurred_at");

-- CreateIndex
CREATE INDEX "opt_outs_organization_id_contact_point_id_idx" ON "opt_outs"("organization_id", "contact_point_id");

-- CreateIndex
CREATE INDEX "opt_outs_organization_id_key_hash_idx" ON "opt_outs"("organization_id", "key_hash");

-- CreateIndex
CREATE INDEX "channel_accounts_organization_id_channel_idx" ON "channel_accounts"("organization_id", "channel");

-- CreateIndex
CREATE UNIQUE INDEX "channel_accounts_channel_phone_number_id_key" ON "channel_accounts"("channel", "phone_number_id");

-- CreateIndex
CREATE INDEX "vacancies_organization_id_status_title_id_idx" ON "vacancies"("organization_id", "status", "title", "id");

-- CreateIndex
CREATE UNIQUE INDEX "vacancies_organization_id_external_id_key" ON "vacancies"("organization_id", "external_id");

-- CreateIndex
CREATE INDEX "vacancy_users_organization_id_user_id_idx" ON "vacancy_users"("organization_id", "user_id");

-- CreateIndex
CREATE INDEX "stages_organization_id_vacancy_id_position_idx" ON "stages"("organization_id", "vacancy_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "stages_organization_id_vacancy_id_external_id_key" ON "stages"("organization_id", "vacancy_id", "external_id");

-- CreateIndex
CREATE INDEX "stage_actions_organization_id_stage_id_position_idx" ON "stage_actions"("organization_id", "stage_id", "position");

-- CreateIndex
CREATE INDEX "applications_organization_id_vacancy_id_stage_id_id_idx" ON "applications"("organization_id", "vacancy_id", "stage_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "applications_organization_id_person_id_vacancy_id_key" ON "applications"("organization_id", "person_id", "vacancy_id");

-- CreateIndex
CREATE UNIQUE INDEX "applications_organization_id_external_id_key" ON "applications"("organization_id", "external_id");

-- CreateIndex
CREATE INDEX "stage_entries_organization_id_application_id_entered_at_idx" ON "stage_entries"("organization_id", "application_id", "entered_at");

-- CreateIndex
CREATE INDEX "stage_entries_organization_id_move_id_idx" ON "stage_entries"("organization_id", "move_id");

-- CreateIndex
CREATE INDEX "action_runs_organization_id_move_id_state_idx" ON "action_runs"("organization_id", "move_id", "state");

-- CreateIndex
CREATE INDEX "action_runs_organization_id_application_id_idx" ON "action_runs"("organization_id", "application_id");

-- CreateIndex
CREATE UNIQUE INDEX "action_runs_organization_id_stage_entry_id_stage_action_id__key" ON "action_runs"("organization_id", "stage_entry_id", "stage_action_id", "channel");

-- CreateIndex
CREATE INDEX "conversations_organization_id_inbox_user_id_last_message_at_idx" ON "conversations"("organization_id", "inbox_user_id", "last_message_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_organization_id_last_message_at_id_idx" ON "conversations"("organization_id", "last_message_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "conversations_organization_id_person_id_key" ON "conversations"("organization_id", "person_id");

-- CreateIndex
CREATE INDEX "messages_organization_id_conversation_id_occurred_at_positi_idx" ON "messages"("organization_id", "conversation_id", "occurred_at" DESC, "position" DESC);

-- CreateIndex
CREATE INDEX "messages_organization_id_application_id_idx" ON "messages"("organization_id", "application_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_organization_id_conversation_id_position_key" ON "messages"("organization_id", "conversation_id", "position");

-- CreateIndex
CREATE INDEX "media_organization_id_message_id_idx" ON "media"("organization_id", "message_id");

-- CreateIndex
CREATE INDEX "templates_organization_id_channel_name_idx" ON "templates"("organization_id", "channel", "name");

-- CreateIndex
CREATE UNIQUE INDEX "templates_organization_id_channel_account_id_meta_name_lang_key" ON "templates"("organization_id", "channel_account_id", "meta_name", "language");

-- CreateIndex
CREATE INDEX "notes_organization_id_person_id_occurred_at_idx" ON "notes"("organization_id", "person_id", "occurred_at");

-- CreateIndex
CREATE INDEX "timeline_entries_organization_id_person_id_occurred_at_id_idx" ON "timeline_entries"("organization_id", "person_id", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "timeline_entries_organization_id_application_id_occurred_at_idx" ON "timeline_entries"("organization_id", "application_id", "occurred_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "notifications_organization_id_user_id_id_idx" ON "notifications"("organization_id", "user_id", "id" DESC);

-- CreateIndex
CREATE INDEX "credit_entries_organization_id_id_idx" ON "credit_entries"("organization_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "credit_entries_organization_id_message_id_kind_key" ON "credit_entries"("organization_id", "message_id", "kind");

-- CreateIndex
CREATE INDEX "outbox_next_try_at_idx" ON "outbox"("next_try_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_id_idx" ON "audit_entries"("organization_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_tokens" ADD CONSTRAINT "user_tokens_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_tokens" ADD CONSTRAINT "user_tokens_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "employers" ADD CONSTRAINT "employers_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "people" ADD CONSTRAINT "people_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "people" ADD CONSTRAINT "people_organization_id_employer_id_fkey" FOREIGN KEY ("organization_id", "employer_id") REFERENCES "employers"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "people" ADD CONSTRAINT "people_organization_id_responsible_user_id_fkey" FOREIGN KEY ("organization_id", "responsible_user_id") REFERENCES "users"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_points" ADD CONSTRAINT "contact_points_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contact_points" ADD CONSTRAINT "contact_points_organization_id_person_id_fkey" FOREIGN KEY ("organization_id", "person_id") REFERENCES "people"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_organization_id_contact_point_id_fkey" FOREIGN KEY ("organization_id", "contact_point_id") REFERENCES "contact_points"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "opt_outs" ADD CONSTRAINT "opt_outs_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channel_accounts" ADD CONSTRAINT "channel_accounts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_windows" ADD CONSTRAINT "service_windows_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_windows" ADD CONSTRAINT "service_windows_organization_id_channel_account_id_fkey" FOREIGN KEY ("organization_id", "channel_account_id") REFERENCES "channel_accounts"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_windows" ADD CONSTRAINT "service_windows_organization_id_contact_point_id_fkey" FOREIGN KEY ("organization_id", "contact_point_id") REFERENCES "contact_points"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vacancies" ADD CONSTRAINT "vacancies_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vacancy_users" ADD CONSTRAINT "vacancy_users_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vacancy_users" ADD CONSTRAINT "vacancy_users_organization_id_vacancy_id_fkey" FOREIGN KEY ("organization_id", "vacancy_id") REFERENCES "vacancies"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "vacancy_users" ADD CONSTRAINT "vacancy_users_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stages" ADD CONSTRAINT "stages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stages" ADD CONSTRAINT "stages_organization_id_vacancy_id_fkey" FOREIGN KEY ("organization_id", "vacancy_id") REFERENCES "vacancies"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_actions" ADD CONSTRAINT "stage_actions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_actions" ADD CONSTRAINT "stage_actions_organization_id_stage_id_fkey" FOREIGN KEY ("organization_id", "stage_id") REFERENCES "stages"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_actions" ADD CONSTRAINT "stage_actions_organization_id_template_id_fkey" FOREIGN KEY ("organization_id", "template_id") REFERENCES "templates"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_organization_id_person_id_fkey" FOREIGN KEY ("organization_id", "person_id") REFERENCES "people"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_organization_id_vacancy_id_fkey" FOREIGN KEY ("organization_id", "vacancy_id") REFERENCES "vacancies"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "applications" ADD CONSTRAINT "applications_organization_id_stage_id_fkey" FOREIGN KEY ("organization_id", "stage_id") REFERENCES "stages"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_moves" ADD CONSTRAINT "stage_moves_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_entries" ADD CONSTRAINT "stage_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_entries" ADD CONSTRAINT "stage_entries_organization_id_application_id_fkey" FOREIGN KEY ("organization_id", "application_id") REFERENCES "applications"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action_runs" ADD CONSTRAINT "action_runs_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "action_runs" ADD CONSTRAINT "action_runs_organization_id_stage_entry_id_fkey" FOREIGN KEY ("organization_id", "stage_entry_id") REFERENCES "stage_entries"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organization_id_person_id_fkey" FOREIGN KEY ("organization_id", "person_id") REFERENCES "people"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organization_id_owner_id_fkey" FOREIGN KEY ("organization_id", "owner_id") REFERENCES "users"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organization_id_responsible_user_id_fkey" FOREIGN KEY ("organization_id", "responsible_user_id") REFERENCES "users"("organization_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_reads" ADD CONSTRAINT "conversation_reads_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_reads" ADD CONSTRAINT "conversation_reads_organization_id_conversation_id_fkey" FOREIGN KEY ("organization_id", "conversation_id") REFERENCES "conversations"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "messages" ADD CONSTRAINT "messages_organization_id_conversation_id_fkey" FOREIGN KEY ("organization_id", "conversation_id") REFERENCES "conversations"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "provider_messages" ADD CONSTRAINT "provider_messages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parked_receipts" ADD CONSTRAINT "parked_receipts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_organization_id_message_id_fkey" FOREIGN KEY ("organization_id", "message_id") REFERENCES "messages"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "media" ADD CONSTRAINT "media_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "templates" ADD CONSTRAINT "templates_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "template_versions" ADD CONSTRAINT "template_versions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "template_versions" ADD CONSTRAINT "template_versions_organization_id_template_id_fkey" FOREIGN KEY ("organization_id", "template_id") REFERENCES "templates"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notes" ADD CONSTRAINT "notes_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notes" ADD CONSTRAINT "notes_organization_id_person_id_fkey" FOREIGN KEY ("organization_id", "person_id") REFERENCES "people"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "timeline_entries" ADD CONSTRAINT "timeline_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_organization_id_user_id_fkey" FOREIGN KEY ("organization_id", "user_id") REFERENCES "users"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credit_accounts" ADD CONSTRAINT "credit_accounts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credit_entries" ADD CONSTRAINT "credit_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
