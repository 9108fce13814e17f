/** All that somebody who is signed in needs; fetched once they are, or while they are still at the door. */
import type { Chat } from '../chat/chat';
import type { SignInAgainProps } from '../components/session/SignInAgain';
import { Later, usePart } from '../hooks/later';
import { ChatContext } from '../hooks/useChat';
import { ChatPage } from '../pages/ChatPage';
import type { Session } from './session';

export { openAccount } from './account';

const again = new Later<SignInAgainProps>(() => import('../components/session/SignInAgain'));

export interface HouseProps {
  session: Session;
  chat: Chat;
  /** The session is over; whoever was here signs in over what they saw. */
  ended: boolean;
}

export default function House({ session, chat, ended }: HouseProps) {
  const SignInAgain = usePart(again, ended);
  const signOut = () => session.logOut();
  return (
    <ChatContext value={chat}>
      <ChatPage key={chat.me.id} onSignOut={signOut} />
      {ended && SignInAgain && (
        <SignInAgain onLogIn={(password) => session.logInAgain(password)} onSignOut={signOut} />
      )}
    </ChatContext>
  );
}
