import type { RequestListener } from 'node:http';
import express from 'express';
import helmet from 'helmet';
import { bindRoutes } from './bind';
import type { AppDeps } from './deps';
import { docsRoutes } from './docs';
import { errorHandler, notFoundHandler } from './errors';
import { healthRoutes } from './health';
import { actionHandlers } from './routes/actions';
import { applicationFormHandlers } from './routes/application-form';
import { candidatePageHandlers } from './routes/candidate-pages';
import { channelHandlers } from './routes/channels';
import { confidentialHandlers } from './routes/confidential';
import { conversationHandlers } from './routes/conversations';
import { eventHandlers } from './routes/events';
import { creditHandlers } from './routes/credits';
import { mailHandlers } from './routes/mails';
import { mailboxHandlers } from './routes/mailboxes';
import { heldMailHandlers } from './routes/held-mails';
import { mergeHandlers } from './routes/merge';
import { messageHandlers } from './routes/messages';
import { operatorHandlers } from './routes/operator';
import { organizationHandlers } from './routes/organization';
import { peopleHandlers } from './routes/people';
import { recordHandlers } from './routes/records';
import { reportHandlers } from './routes/reports';
import { savedSearchHandlers } from './routes/saved-searches';
import { scheduledMessageHandlers } from './routes/scheduled-messages';
import { sendHandlers } from './routes/sends';
import { sessionHandlers } from './routes/session';
import { templateHandlers } from './routes/templates';
import { oneClickRoutes, unsubscribeHandlers } from './routes/unsubscribe';
import { userHandlers } from './routes/users';
import { vacancyHandlers } from './routes/vacancies';
import { webhookEndpointHandlers } from './routes/webhook-endpoints';
import { createSessions } from './sessions';
import { staticRoutes } from './static';
import { createWebhooks } from './webhooks';

export type { AppDeps };

/** The api as a function of a request; it listens to nothing by itself. `close` stops what it runs beside requests. */
export function createApp(deps: AppDeps): { handler: RequestListener; close(): void } {
  const { config, db, logger } = deps;
  const webhooks = createWebhooks({
    db,
    logger,
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
    onWebhook: deps.onWebhook,
  });
  const sessions = createSessions({
    pool: db.pool,
    secretKey: config.secretKey,
    publicUrl: config.publicUrl,
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // the address of the caller is believed from proxies of the own network alone
  app.set('trust proxy', 'loopback, linklocal, uniquelocal');
  app.use(securityHeaders(config.publicUrl.startsWith('https:')));
  app.use(healthRoutes(db, deps.temporalState));
  app.use(docsRoutes(config.publicUrl));
  app.use(['/api', '/operator'], (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use('/api/v1', sessions.handler);
  app.use(
    bindRoutes(
      {
        db,
        publicUrl: config.publicUrl,
        operatorKey: config.operatorKey,
        checkAnswers: config.environment === 'test',
      },
      [
        sessionHandlers(deps),
        userHandlers(deps),
        mailboxHandlers(deps),
        peopleHandlers(deps),
        vacancyHandlers(deps),
        applicationFormHandlers(deps),
        unsubscribeHandlers(deps),
        candidatePageHandlers(deps),
        mergeHandlers(deps),
        actionHandlers(deps),
        conversationHandlers(deps),
        messageHandlers(deps),
        heldMailHandlers(deps),
        mailHandlers(deps),
        scheduledMessageHandlers(deps),
        sendHandlers(deps),
        recordHandlers(),
        templateHandlers(deps),
        channelHandlers(deps),
        eventHandlers(),
        webhookEndpointHandlers(deps),
        savedSearchHandlers(),
        reportHandlers(),
        creditHandlers(deps),
        organizationHandlers(),
        operatorHandlers(),
        confidentialHandlers,
      ],
    ),
  );
  app.use(oneClickRoutes(deps));
  app.use(['/api', '/operator'], notFoundHandler);
  if (deps.webFolder !== undefined) app.use(staticRoutes(deps.webFolder));
  app.use(notFoundHandler);
  app.use(errorHandler(db, logger, deps.onFault));

  return {
    handler: (req, res) => {
      if (!webhooks(req, res)) app(req, res);
    },
    close: () => sessions.close(),
  };
}

/** The inbox is one page of our own: scripts from here alone; styles may stand in attributes (progress bars, menus). */
function securityHeaders(https: boolean) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        workerSrc: ["'self'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: https,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
  });
}
