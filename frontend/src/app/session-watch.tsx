import { useEffect } from "react";

import { askAgain, baseApi } from "../api/base-api";
import { useConnection, useServices, useSession } from "../api/services";
import { signedOut, useAppDispatch } from "./store";

/**
 * The live connection is open exactly while somebody is signed in; what was refused while the session was over, or the server
 * away, is asked for again; and what was cached of one account never meets another.
 */
export function SessionWatch(): null {
  const { connection } = useServices();
  const { status, user } = useSession();
  const isOnline = useConnection().status === "online";
  const dispatch = useAppDispatch();
  const userId = user?.id;

  useEffect(() => {
    if (status === "signed-in" && userId) connection.open();
  }, [connection, status, userId]);

  useEffect(() => {
    if (status === "signed-in") dispatch(askAgain());
  }, [dispatch, status]);

  useEffect(() => {
    if (isOnline) dispatch(askAgain());
  }, [dispatch, isOnline]);

  useEffect(() => {
    if (!userId) return;
    return () => {
      connection.close();
      dispatch(baseApi.util.resetApiState());
      dispatch(signedOut());
    };
  }, [connection, dispatch, userId]);

  return null;
}
