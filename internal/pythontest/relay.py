"""Serves XML-RPC and hands every call on to the URL that is given, by the standard library alone.

Without a URL the answer is the list of the arguments.
"""

import socketserver
import sys
import xmlrpc.client
import xmlrpc.server

TYPES = {"allow_none": True, "use_builtin_types": True}


class Server(socketserver.ThreadingMixIn, xmlrpc.server.SimpleXMLRPCServer):
    daemon_threads = True


class Relay:
    def __init__(self, target):
        self.target = target

    def _dispatch(self, method, arguments):
        if not self.target:
            return list(arguments)
        with xmlrpc.client.ServerProxy(self.target, **TYPES) as peer:
            return getattr(peer, method)(*arguments)


with Server(("127.0.0.1", 0), logRequests=False, **TYPES) as server:
    server.register_instance(Relay(sys.argv[1]))
    print(server.server_address[1], flush=True)
    server.serve_forever()
