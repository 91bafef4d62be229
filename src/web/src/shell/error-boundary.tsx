import { ServerCrash } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { text } from '../text';
import { Button, EmptyState } from '../ui';

/** A page that stopped working takes nothing else with it; `resetKey` (the address) gives the next one its chance. */
export class ErrorBoundary extends Component<
  { children: ReactNode; resetKey?: string },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(previous: { resetKey?: string }) {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div role="alert" className="flex h-full items-center">
        <EmptyState
          icon={<ServerCrash className="size-6" />}
          title={text.errors.pageTitle}
          action={
            <Button variant="primary" onClick={() => window.location.reload()}>
              {text.errors.reload}
            </Button>
          }
        >
          {text.errors.pageBody}
        </EmptyState>
      </div>
    );
  }
}
