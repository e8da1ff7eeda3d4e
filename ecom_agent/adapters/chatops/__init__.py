"""Work chats: how DingTalk, Feishu and WeCom sign what they send us, and how what we send them is signed. Pure."""

from ecom_agent.adapters.chatops.callback import Callback, ChatDoor, ConfirmsAddress

__all__ = ["Callback", "ChatDoor", "ConfirmsAddress"]
