import type { SendChannel } from '../../../domain/eligibility';
import { channelNames } from '../../../domain/channel-trouble';
import { paths } from '../paths';
import { useMe } from '../queries';
import { text } from '../text';
import { TextLink } from '../ui';

/** R-AUTO-6: a channel that has paused itself, to everybody whose messages wait for it. */
export function PausedChannelNotice() {
  const { pausedChannels, permissions } = useMe();
  const shown = permissions.send && pausedChannels.length > 0;
  return (
    <div role="status" className="shrink-0">
      {shown && (
        <p className="bg-danger-soft px-4 py-1.5 text-center text-[0.9rem] text-danger">
          {text.shell.paused(pausedChannels.map((channel) => channelNames[channel as SendChannel]))}{' '}
          {permissions.settings ? (
            <TextLink href={paths.settings('channels')} className="text-danger!">
              {text.shell.pausedLink}
            </TextLink>
          ) : (
            text.shell.pausedOthers
          )}
        </p>
      )}
    </div>
  );
}
