import { HeldMailList } from '../../held-mails/held-mail-list';
import { heldMailsText as words } from '../../held-mails/text';
import { paths } from '../../paths';
import { text } from '../../text';
import { Page, PageHeader } from '../../ui';

/** Every mail that waits to be looked at. */
export function HeldMailsPage() {
  return (
    <Page
      header={
        <PageHeader
          title={words.title}
          subtitle={words.intro}
          back={{ href: paths.inbox(), label: text.inbox.title }}
        />
      }
    >
      <HeldMailList />
    </Page>
  );
}
