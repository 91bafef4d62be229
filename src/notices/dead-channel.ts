import { channelNames, troubleOf } from '../domain/channel-trouble';
import { deadChannelsToMail, noteDeadChannelMailed, type DeadChannel } from '../data/channels/dead-channels';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

/** R-AUTO-6: mails the Administrators about a channel that has paused itself, once per outage. */
export async function mailDeadChannels(deps: NoticeDeps): Promise<void> {
  await mailEach(deps, await deadChannelsToMail(deps.db), {
    mail: (dead) => deadChannelMail(deps.publicUrl, dead),
    note: noteDeadChannelMailed,
    about: ({ organizationId, channel }) => ({ organizationId, channel }),
  });
}

function deadChannelMail(publicUrl: string, dead: DeadChannel): Mail {
  const { channel, organization, waiting, pausedAt, accountId } = dead;
  const own = channel === 'whatsapp' && dead.name !== channelNames.whatsapp ? ` (${dead.name})` : '';
  const name = `${channelNames[channel]}${own}`;
  const over = dead.state === 'connected';
  return {
    to: dead.administrators.join(', '),
    subject: over
      ? `Parley: ${name} of ${organization} works again`
      : `Parley: ${name} of ${organization} is paused`,
    messageId: `channel-${accountId}-${Date.parse(pausedAt)}`,
    text: [
      'Hello,',
      '',
      over
        ? `${name} of ${organization} was paused from ${timeIn(dead, pausedAt)} to ${timeIn(dead, dead.since)}.`
        : `${name} of ${organization} has paused itself on ${timeIn(dead, pausedAt)}.`,
      troubleOf(channel, over ? null : dead.reason),
      '',
      over ? `It works again by itself. ${goesOut(waiting)}` : waits(waiting),
      '',
      over ? 'Its state is shown here:' : 'What to do, and where to resume it:',
      `${publicUrl}/settings/channels`,
    ].join('\n'),
  };
}

const count = (waiting: number): string => (waiting === 1 ? '1 message' : `${waiting} messages`);

const waits = (waiting: number): string =>
  waiting === 0
    ? 'No message waits at present; what is sent over it from now on will wait.'
    : `${count(waiting)} ${waiting === 1 ? 'waits' : 'wait'}. Nothing is lost: once it is resumed they go out, each checked again.`;

const goesOut = (waiting: number): string =>
  waiting === 0
    ? 'No message waits.'
    : `${count(waiting)} that waited ${waiting === 1 ? 'goes' : 'go'} out now.`;

const timeIn = ({ timeZone }: DeadChannel, at: string): string =>
  `${new Date(at).toLocaleString('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' })} (${timeZone})`;
