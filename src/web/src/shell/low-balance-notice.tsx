import { paths } from '../paths';
import { useRoute } from '../queries';
import { text } from '../text';
import { TextLink } from '../ui';

/** R-CRED-2: a low balance warns the Administrators. */
export function LowBalanceNotice() {
  const credits = useRoute('GET /api/v1/credits', {}, { refetchInterval: 60_000 });
  return (
    <div role="status" className="shrink-0">
      {credits.data?.low && (
        <p className="bg-warn-soft px-4 py-1.5 text-center text-[0.9rem] text-warn">
          {text.shell.lowBalance(credits.data.balance)}{' '}
          <TextLink href={paths.settings('credits')} className="text-warn!">
            {text.shell.lowBalanceLink}
          </TextLink>
        </p>
      )}
    </div>
  );
}
